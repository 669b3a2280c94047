// What went wrong, as services tell it (RFC 9457), and the errors of single fields.

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** An answer that says no. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string | null,
    readonly errors: readonly FieldError[],
    /** Seconds after which it may work. */
    readonly retryAfter: number | null,
    /** The request's id, for whoever looks into the log. */
    readonly instance: string | null,
  ) {
    super(detail ?? title);
  }

  static async from(response: Response): Promise<Problem> {
    const kind = response.headers.get("content-type") ?? "";
    const document: unknown = kind.includes("json") ? await response.json().catch(() => null) : null;
    return Problem.read(response.status, document, response.headers.get("retry-after"));
  }

  static read(status: number, document: unknown, retryAfter: string | null = null): Problem {
    const members = isObject(document) ? document : {};
    const text = (name: string) => (typeof members[name] === "string" ? (members[name] as string) : null);
    const seconds = Number(retryAfter ?? members["retry_after_s"] ?? Number.NaN);
    const title = text("title") ?? `The server answered ${status}`;
    const errors = Array.isArray(members["errors"]) ? members["errors"].flatMap(readError) : [];
    return new Problem(
      status,
      title,
      text("detail"),
      errors,
      Number.isFinite(seconds) ? seconds : null,
      text("instance"),
    );
  }
}

/** No answer at all. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached.");
  }
}

/** One sentence for people. */
export function sentence(error: unknown): string {
  if (error instanceof Problem) {
    if (error.status === 422 && !error.detail) return "Some fields are not right. Please look at what is marked.";
    return error.message;
  }
  if (error instanceof Unreachable) return `${error.message} Please try again in a moment.`;
  return "Something went wrong on this page. Please try again.";
}

function readError(item: unknown): FieldError[] {
  if (!isObject(item) || typeof item["field"] !== "string" || typeof item["message"] !== "string") return [];
  return [{ field: item["field"], message: item["message"] }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Sorted {
  /** Messages by the field they are shown at. */
  readonly at: ReadonlyMap<string, string>;
  /** Those whose field is not on the form. */
  readonly elsewhere: readonly FieldError[];
}

/**
 * Sorts the errors of an answer to the fields of a form: `cost_items.2.amount` belongs to `cost_items`, `files[]` to
 * `files`. Several messages of a field are joined.
 */
export function sortErrors(errors: readonly FieldError[], fields: readonly string[]): Sorted {
  const at = new Map<string, string>();
  const elsewhere: FieldError[] = [];
  for (const error of errors) {
    const field = fields.find((name) => name === error.field || error.field.split(/[.[]/, 1)[0] === name);
    if (!field) {
      elsewhere.push(error);
      continue;
    }
    const message = capital(error.message);
    const before = at.get(field);
    at.set(field, before ? `${before} ${message}` : message);
  }
  return { at, elsewhere };
}

/** `is required` as a sentence of its own. */
export function capital(text: string): string {
  const trimmed = text.trim();
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
