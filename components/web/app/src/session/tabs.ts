// The renewal of this browser: its note in local storage, its lock among tabs.
import { type Note, Renewal } from "./renewal";

const KEY = "wharf.session";

function read(): Note | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Note | null;
  } catch {
    return null;
  }
}

function write(note: Note | null) {
  if (note) localStorage.setItem(KEY, JSON.stringify(note));
  else localStorage.removeItem(KEY);
}

let turn: Promise<unknown> = Promise.resolve();

/** Among all tabs; where the page has no locks (plain HTTP from elsewhere), at least within this one. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  if ("locks" in navigator) return navigator.locks.request(KEY, work) as Promise<T>;
  const mine = turn.then(work);
  turn = mine.catch(() => undefined);
  return mine;
}

/** Outlives its tab, so that the new tokens are received even if nobody waits for them any more. */
async function ask() {
  const headers = { accept: "application/json", "x-requested-with": "web" };
  const response = await fetch("/api/v1/auth/token/refresh", { method: "POST", headers, keepalive: true });
  const body = response.ok ? ((await response.json()) as { expires_in: number }) : null;
  return { status: response.status, expiresIn: body?.expires_in ?? 0 };
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const renewal = new Renewal({ notes: { read, write }, alone, ask, now: Date.now, wait });

/** Calls back when another tab signs in or out. */
export function onOtherTab(handler: (note: Note | null) => void): () => void {
  const changed = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) handler(read());
  };
  addEventListener("storage", changed);
  return () => removeEventListener("storage", changed);
}
