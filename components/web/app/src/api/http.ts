// One way to ask a service: cookies, the header that writes need, problem documents, and a renewed session if ours was
// too old. Knows no service.
import { renewal } from "../session/tabs";
import { Problem, Unreachable } from "./problem";

export interface Page<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly per_page: number;
  readonly total: number;
  readonly pages: number;
}

type Query = Record<string, string | number | boolean | null | undefined>;

export interface Options {
  readonly query?: Query;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly signal?: AbortSignal | undefined;
  readonly ifMatch?: string;
  /** A 401 is an answer, not the end of the session: signing in. */
  readonly anonymous?: boolean;
}

let whenOver: () => void = () => undefined;

/** Sets what happens when a request shows that nobody is signed in any more. */
export function onSessionOver(handler: () => void) {
  whenOver = handler;
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return ask<T>("GET", path, { ...(query && { query }), signal });
}

export async function ask<T = void>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, withQuery(path, options.query), options, false);
  if (!response.ok) throw await Problem.from(response);
  if (response.status === 204 || response.status === 202) return undefined as T;
  return (await response.json()) as T;
}

async function send(method: string, address: string, options: Options, isSecond: boolean): Promise<Response> {
  const sentAt = Date.now();
  const headers = new Headers({ accept: "application/json" });
  if (method !== "GET") headers.set("x-requested-with", "web");
  if (options.ifMatch) headers.set("if-match", options.ifMatch);
  if (options.json !== undefined) headers.set("content-type", "application/json");
  const body = options.form ?? (options.json === undefined ? null : JSON.stringify(options.json));
  const response = await fetch(address, { method, headers, body, signal: options.signal ?? null }).catch((error) => {
    if (options.signal?.aborted) throw error;
    throw new Unreachable();
  });
  if (response.status !== 401 || options.anonymous) return response;
  const outcome = isSecond ? "over" : await renewal.renew(sentAt);
  if (outcome === "renewed") return send(method, address, options, true);
  if (outcome === "unreachable") throw new Unreachable();
  whenOver();
  return response;
}

function withQuery(path: string, query: Query = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") given.set(name, String(value));
  }
  const text = given.toString();
  return text ? `${path}?${text}` : path;
}
