// The service `workflows`: figures about the work of everybody.
import { get, type Page } from "./http";
import type { Priority } from "./tickets";
import type { ItemState, Person, Task } from "./workflows";

/** Days as `yyyy-mm-dd`, both included; a blank one is open. */
export interface Period {
  readonly start_date: string;
  readonly end_date: string;
}

export interface Targets {
  readonly met: number;
  readonly breached: number;
  /** Per cent, if there is anything to divide by. */
  readonly rate: number | null;
}

export interface Dashboard {
  readonly total: number;
  readonly by_state: Readonly<Record<Task["state"], number>>;
  readonly completed: number;
  readonly sla: Targets;
  readonly escalation_rate: number | null;
  readonly users: number;
  readonly workflows: number;
}

export interface SlaLine extends Targets {
  readonly priority: Priority;
  readonly total: number;
}

export type UserLine = { readonly user: Person; readonly breached: number } & Readonly<Record<ItemState, number>>;

export interface Handover {
  readonly kind: "transfer" | "escalation";
  readonly task_id: string;
  readonly ticket_number: string;
  readonly step: string;
  readonly from: Person;
  readonly to: Person | null;
  readonly by: Person | null;
  readonly notes: string | null;
  readonly at: string;
}

export interface Handovers extends Page<Handover> {
  readonly transfers: number;
  readonly escalations: number;
}

const BASE = "/api/v1/workflows/reports";

const report =
  <T>(path: string) =>
  (period: Period, page: number | null, signal?: AbortSignal) =>
    get<T>(`${BASE}/${path}`, { ...period, page }, signal);

export const dashboard = report<Dashboard>("tickets/dashboard");
export const sla = report<{ items: readonly SlaLine[] }>("tickets/sla");
export const users = report<Page<UserLine>>("tasks/users");
export const handovers = report<Handovers>("tasks/transfers");
