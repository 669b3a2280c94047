// The service `workflows`: tasks, who works on them, and how work went.
import { ask, get, type Page } from "./http";
import type { Priority } from "./tickets";

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface Step {
  readonly id: string;
  readonly key: string;
  readonly name: string;
}

export type ItemState = "new" | "in_progress" | "resolved" | "reassigned" | "escalated" | "cancelled";

/** One person's part in a task. */
export interface Item {
  readonly id: string;
  readonly task_id: string;
  readonly step: Step;
  readonly instruction: string | null;
  readonly assignee: Person;
  readonly role: string;
  readonly origin: "System" | "Transferred" | "Escalation" | "Admin";
  readonly state: ItemState;
  readonly assigned_at: string;
  readonly started_at: string | null;
  readonly acted_at: string | null;
  readonly due_at: string | null;
  readonly breached_at: string | null;
  readonly elapsed_percent: number | null;
  readonly transition: string | null;
  readonly notes: string | null;
}

export interface Task {
  readonly id: string;
  readonly state: "pending" | "in_progress" | "completed" | "on_hold" | "cancelled";
  readonly workflow: Person;
  readonly version: number;
  readonly owner: Person | null;
  readonly current_step: Step | null;
  readonly started_at: string;
  readonly due_at: string | null;
  readonly completed_at: string | null;
  readonly row_version: number;
}

export interface TaskTicket {
  readonly id: string;
  readonly number: string;
  readonly subject: string;
  readonly description: string;
  readonly priority: Priority | null;
  readonly department: string | null;
  readonly category: string;
  readonly sub_category: string | null;
  readonly requester: Person;
}

export interface Action {
  readonly transition_id: string | null;
  readonly name: string;
  readonly kind: "forward" | "return" | "finish";
  readonly to_step: Step | null;
}

export interface TaskLine {
  readonly task: Task;
  readonly ticket: TaskTicket;
  readonly item: Item | null;
}

export interface TaskView extends TaskLine {
  readonly can_act: boolean;
  readonly has_acted: boolean;
  readonly is_escalated: boolean;
  readonly is_transferred: boolean;
  readonly can_escalate: boolean;
  readonly can_transfer: boolean;
  readonly available_actions: readonly Action[];
}

export interface LogItem extends Item {
  readonly events: readonly {
    readonly at: string;
    readonly from_state: ItemState | null;
    readonly to_state: ItemState;
    readonly actor: Person | null;
    readonly reason: string | null;
  }[];
}

export interface Progress {
  readonly task: { readonly id: string; readonly state: Task["state"] };
  readonly nodes: readonly {
    readonly id: string;
    readonly label: string;
    readonly role: string;
    readonly status: "done" | "active" | "pending";
  }[];
}

export interface Unassigned {
  readonly ticket: TaskTicket;
  readonly reason: "no_workflow" | "no_staff";
  readonly detail: string | null;
  readonly received_at: string;
}

export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly department: string;
  readonly category: string;
  readonly sub_category: string | null;
}

export interface Role {
  readonly system: string;
  readonly name: string;
  readonly members: readonly Person[];
}

export interface TaskFilter {
  readonly tab?: string;
  readonly priority?: string;
  readonly workflow?: string;
  readonly search?: string;
  readonly page?: number;
  readonly per_page?: number;
}

const BASE = "/api/v1/workflows";
const TASKS = `${BASE}/tasks`;

const page = (path: string) => (filter: TaskFilter, signal?: AbortSignal) =>
  get<Page<TaskLine>>(path, { ...filter }, signal);

export const mine = page(`${TASKS}/mine`);
export const all = page(TASKS);
export const owned = page(`${TASKS}/owned`);
export const unassigned = (filter: TaskFilter, signal?: AbortSignal) =>
  get<Page<Unassigned>>(`${TASKS}/unassigned`, { ...filter }, signal);

export const byTicket = (number: string, signal?: AbortSignal) =>
  get<TaskView>(`${TASKS}/by-ticket/${encodeURIComponent(number)}`, undefined, signal);
export const progress = (number: string, signal?: AbortSignal) =>
  get<Progress>(`${TASKS}/by-ticket/${encodeURIComponent(number)}/progress`, undefined, signal);
export const log = (task: string, signal?: AbortSignal) =>
  get<{ items: readonly LogItem[] }>(`${TASKS}/${task}/log`, undefined, signal);
export const roles = async (signal?: AbortSignal) =>
  (await get<{ items: readonly Role[] }>(`${BASE}/roles`, undefined, signal)).items;
export const workflows = (status: string, signal?: AbortSignal) =>
  get<Page<Workflow>>(`${BASE}/`, { status, per_page: 100 }, signal);

export const start = (item: string) => ask<TaskView>("POST", `${TASKS}/items/${item}/start`, { json: {} });
export const act = (task: Task, transition_id: string | null, notes: string) =>
  ask<TaskView>("POST", `${TASKS}/${task.id}/transition`, {
    json: { transition_id, notes, row_version: task.row_version },
  });
export const escalate = (item: string, reason: string) =>
  ask<TaskView>("POST", `${TASKS}/items/${item}/escalate`, { json: { reason } });
export const transfer = (item: string, user_id: string, notes: string) =>
  ask<unknown>("POST", `${TASKS}/items/${item}/transfer`, { json: { user_id, notes } });
export const assign = (ticket_number: string, workflow_id: string) =>
  ask<TaskView>("POST", `${TASKS}/assign`, { json: { ticket_number, workflow_id } });
