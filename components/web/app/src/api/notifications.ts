// The service `notifications`: one's own inbox.
import { ask, get, type Page } from "./http";

export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly message: string;
  readonly ticket_number: string | null;
  readonly is_read: boolean;
  readonly created_at: string;
  readonly read_at: string | null;
}

/** What an open page is told; the entry itself is asked for. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly ticket_number: string | null;
  readonly unread: number;
}

const BASE = "/api/v1/notifications";

export const list = (read: string, page: number, signal?: AbortSignal) =>
  get<Page<Notification>>(`${BASE}/`, { read, page }, signal);
export const unread = async (signal?: AbortSignal) =>
  (await get<{ count: number }>(`${BASE}/unread-count`, undefined, signal)).count;
export const markRead = (id: string) => ask<unknown>("POST", `${BASE}/${id}/read`);
export const markAllRead = () => ask<{ count: number }>("POST", `${BASE}/read-all`);

export const STREAM = `${BASE}/stream`;
