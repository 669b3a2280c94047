// The addresses of the application and who is offered them. `pages.txt`, from which the server knows them, must agree.
import type { Rights } from "./session/rights";

export interface Route {
  /** `{...}` stands for one segment. */
  readonly pattern: string;
  /** Which page draws it. */
  readonly page: PageName;
  /** Who is let in; absent: everybody who is signed in. */
  readonly allowed?: (rights: Rights) => boolean;
}

export type PageName =
  | "home"
  | "inbox"
  | "login"
  | "owned"
  | "profile"
  | "queue"
  | "reports"
  | "submit"
  | "tasks"
  | "ticket"
  | "tickets"
  | "unassigned"
  | "work";

export const routes: readonly Route[] = [
  { pattern: "/", page: "home" },
  { pattern: "/inbox", page: "inbox" },
  { pattern: "/login", page: "login" },
  { pattern: "/owned", page: "owned", allowed: (rights) => rights.owns },
  { pattern: "/profile", page: "profile" },
  { pattern: "/queue", page: "queue", allowed: (rights) => rights.coordinates },
  { pattern: "/reports", page: "reports", allowed: (rights) => rights.reports },
  { pattern: "/submit", page: "submit", allowed: (rights) => rights.submits },
  { pattern: "/tasks", page: "tasks", allowed: (rights) => rights.administersTasks },
  { pattern: "/ticket/{number}", page: "ticket" },
  { pattern: "/tickets", page: "tickets" },
  { pattern: "/unassigned", page: "unassigned", allowed: (rights) => rights.administersTasks },
  { pattern: "/work", page: "work", allowed: (rights) => rights.works },
];

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The route of a path, or nothing. */
export function find(path: string): Found | null {
  for (const route of routes) {
    const params = match(route.pattern, path);
    if (params) return { route, params };
  }
  return null;
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, segment] of wanted.entries()) {
    const value = given[at] ?? "";
    if (segment.startsWith("{")) {
      if (!/^[A-Za-z0-9-]{1,64}$/.test(value)) return null;
      params[segment.slice(1, -1)] = value;
    } else if (segment !== value) {
      return null;
    }
  }
  return params;
}

/** A path of ours to go back to after signing in; anything else becomes the start page. */
export function safeReturn(next: string | null): string {
  if (!next || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  const path = next.split(/[?#]/, 1)[0] ?? "/";
  const found = find(path);
  return found && found.route.page !== "login" ? next : "/";
}
