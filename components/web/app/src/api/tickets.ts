// The service `tickets`: what was asked for, and what became of it.
import { ask, get, type Page } from "./http";

export const PRIORITIES = ["Critical", "High", "Medium", "Low"] as const;
export type Priority = (typeof PRIORITIES)[number];

export const STATUSES = [
  "New",
  "Open",
  "In Progress",
  "On Hold",
  "Pending",
  "Resolved",
  "Rejected",
  "Withdrawn",
  "Closed",
] as const;
export type Status = (typeof STATUSES)[number];

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "date" | "integer" | "decimal" | "choice" | "cost_items";
  readonly required: boolean;
  readonly max_length: number;
  readonly choices: readonly string[];
}

export interface Category {
  readonly code: string;
  readonly name: string;
  readonly default_department: string | null;
  readonly sub_categories: readonly { readonly code: string; readonly name: string }[];
  readonly fields: readonly FormField[];
}

export interface Catalogue {
  readonly departments: readonly { readonly code: string; readonly name: string }[];
  readonly categories: readonly Category[];
  readonly priorities: readonly Priority[];
  readonly statuses: readonly Status[];
  readonly attachments: { readonly files_max: number; readonly bytes_max: number };
}

export interface Requester {
  readonly id: string;
  readonly full_name: string;
  readonly email: string;
}

export interface TicketLine {
  readonly number: string;
  readonly subject: string;
  readonly category: string;
  readonly sub_category: string | null;
  readonly department: string | null;
  readonly priority: Priority | null;
  readonly status: Status;
  readonly requester: Requester;
  readonly submitted_at: string;
  readonly updated_at: string;
}

export interface Attachment {
  readonly id: string;
  readonly file_name: string;
  readonly file_type: string;
  readonly file_size: number;
  readonly uploaded_by?: string;
  readonly uploaded_at?: string;
  readonly url: string;
}

export interface TicketEvent {
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly from: Status | null;
  readonly to: Status | null;
  readonly note: string | null;
  readonly is_internal: boolean;
}

export interface CostItem {
  readonly element: string;
  readonly description: string;
  readonly amount: string;
}

export interface Ticket extends TicketLine {
  readonly id: string;
  readonly description: string;
  readonly next_statuses: readonly Status[];
  readonly scheduled_date: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly extra: Readonly<Record<string, unknown>> | null;
  readonly approved_at: string | null;
  readonly approved_by: string | null;
  readonly rejection_reason: string | null;
  readonly withdraw_reason: string | null;
  readonly resolved_at: string | null;
  readonly closed_at: string | null;
  readonly assignee: string | null;
  readonly csat_rating: number | null;
  readonly csat_feedback: string | null;
  readonly version: number;
  readonly attachments: readonly Attachment[];
  readonly events: readonly TicketEvent[];
}

export interface TicketFilter {
  readonly status?: string;
  readonly priority?: string;
  readonly category?: string;
  readonly department?: string;
  readonly search?: string;
  readonly mine?: string;
  readonly page?: number;
  readonly per_page?: number;
}

/** Endings of the files that are taken. */
export const ENDINGS = [
  "pdf",
  "png",
  "jpg",
  "jpeg",
  "gif",
  "webp",
  "txt",
  "log",
  "csv",
  "doc",
  "docx",
  "xls",
  "xlsx",
  "ppt",
  "pptx",
  "odt",
  "ods",
  "zip",
];

export const limitsOf = ({ attachments }: Catalogue) => ({
  files: attachments.files_max,
  bytes: attachments.bytes_max,
  endings: ENDINGS,
});

const BASE = "/api/v1/tickets";
const of = (number: string) => `${BASE}/${encodeURIComponent(number)}`;

export const catalogue = (signal?: AbortSignal) => get<Catalogue>(`${BASE}/catalogue`, undefined, signal);

export const list = (filter: TicketFilter, signal?: AbortSignal) =>
  get<Page<TicketLine>>(`${BASE}/`, { ...filter }, signal);

export const show = (number: string, signal?: AbortSignal) => get<Ticket>(of(number), undefined, signal);

export const submit = (form: FormData) => ask<Ticket>("POST", `${BASE}/`, { form });

export const attach = (number: string, form: FormData) => ask<unknown>("POST", `${of(number)}/attachments`, { form });

/** Refused with 409 if somebody else has changed it since this version. */
export const edit = (number: string, version: number, text: { subject: string; description: string }) =>
  ask<unknown>("PATCH", of(number), { json: text, ifMatch: `"${version}"` });

/** Each of these changes is refused with 409 if the ticket has moved on since. */
const change = (number: string, verb: string, json: unknown) => ask<unknown>("POST", `${of(number)}/${verb}`, { json });

export const approve = (number: string, decision: { priority: string; department: string; approval_notes: string }) =>
  change(number, "approve", decision);
export const reject = (number: string, rejection_reason: string) => change(number, "reject", { rejection_reason });
export const claim = (number: string) => change(number, "claim", {});
export const setStatus = (number: string, status: Status, comment: string) =>
  change(number, "status", { status, ...(comment && { comment }) });
export const withdraw = (number: string, reason: string) => change(number, "withdraw", { reason });
export const reopen = (number: string, reason: string) => change(number, "reopen", { reason });
export const rate = (number: string, rating: number, feedback: string) =>
  change(number, "csat", { rating, ...(feedback && { feedback }) });
