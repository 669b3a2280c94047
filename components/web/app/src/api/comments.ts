// The service `comments`: what people say about a ticket.
import { ask, get, type Page } from "./http";
import type { Attachment } from "./tickets";

export interface Comment {
  readonly id: string;
  readonly ticket_number: string;
  readonly author: { readonly id: string; readonly name: string; readonly role: string };
  readonly body: string;
  readonly visibility: "public" | "internal";
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
  readonly parent_id: string | null;
  readonly rating: { readonly up: number; readonly down: number; readonly mine: boolean | null };
  readonly files: readonly Attachment[];
  /** The newest of them, where there are many. */
  readonly replies: readonly Comment[];
  readonly reply_count: number;
}

/** What the service takes with a comment. */
export const FILES = {
  files: 5,
  bytes: 10 * 1024 * 1024,
  endings: [
    "pdf",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "txt",
    "csv",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "zip",
    "rar",
  ],
};
export const TEXT_MAX = 5000;

const BASE = "/api/v1/comments";

export const list = (ticket: string, page: number, signal?: AbortSignal) =>
  get<Page<Comment>>(`${BASE}/`, { ticket, page }, signal);

export const show = (id: string, signal?: AbortSignal) => get<Comment>(`${BASE}/${id}`, undefined, signal);

export function write(ticket: string, content: string, isInternal: boolean, files: readonly File[]): Promise<Comment> {
  if (files.length === 0) return ask("POST", `${BASE}/`, { json: { ticket, content, is_internal: isInternal } });
  const form = new FormData();
  form.set("ticket", ticket);
  form.set("content", content);
  form.set("is_internal", String(isInternal));
  for (const file of files) form.append("files[]", file, file.name);
  return ask("POST", `${BASE}/`, { form });
}

export const reply = (id: string, content: string) =>
  ask<Comment>("POST", `${BASE}/${id}/replies`, { json: { content } });
export const edit = (id: string, content: string) => ask<Comment>("PATCH", `${BASE}/${id}`, { json: { content } });
export const remove = (id: string) => ask("DELETE", `${BASE}/${id}`);
export const rate = (id: string, rating: boolean | null) =>
  ask<unknown>("PUT", `${BASE}/${id}/rating`, { json: { rating } });

export const streamOf = (ticket: string) => `${BASE}/stream?ticket=${encodeURIComponent(ticket)}`;
