// When and how the session is renewed. A refresh token is good for one use, and a second use ends the session; so all
// tabs of a browser share one lock and one note of the last renewal, and only who finds nothing newer asks the server.

/** What the tabs tell each other; never a secret, which scripts cannot read anyway. */
export interface Note {
  /** Who is signed in. */
  readonly user: string;
  /** When tokens were last received, in milliseconds of this browser's clock. */
  readonly renewedAt: number;
  /** Life of the access token in seconds; 0 where it is not known. */
  readonly expiresIn: number;
  /** When a renewal was begun of which nothing is known yet: its tab may have been closed. */
  readonly pendingSince?: number;
}

export interface NoteStore {
  read(): Note | null;
  write(note: Note | null): void;
}

export interface Surroundings {
  readonly notes: NoteStore;
  /** Runs the work while no other tab does. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** Asks the server for new tokens. Throws if it cannot be reached. */
  readonly ask: () => Promise<{ status: number; expiresIn: number }>;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** `over`: sign in again. `unreachable`: nothing is known; try later. */
export type Outcome = "renewed" | "over" | "unreachable";

/** The part of a token's life after which it is renewed. */
const DUE_AT = 0.8;
/** How long another tab's renewal may take before it is taken for lost. */
const PENDING_MS = 3000;

export class Renewal {
  constructor(private readonly around: Surroundings) {}

  /** Notes that somebody has signed in. */
  begin(user: string, expiresIn: number) {
    this.around.notes.write({ user, renewedAt: this.around.now(), expiresIn });
  }

  /** Notes that nobody is signed in any more. */
  end() {
    this.around.notes.write(null);
  }

  note(): Note | null {
    return this.around.notes.read();
  }

  /** Milliseconds until a renewal is due, 0 if it is; nothing if nobody knows. */
  dueIn(): number | null {
    const note = this.note();
    if (!note || note.expiresIn <= 0) return null;
    return Math.max(0, note.renewedAt + note.expiresIn * 1000 * DUE_AT - this.around.now());
  }

  /** Sees to it that the tokens are newer than `since`. */
  renew(since: number): Promise<Outcome> {
    return this.around.alone(() => this.renewAlone(since));
  }

  private async renewAlone(since: number): Promise<Outcome> {
    const { notes, now, wait } = this.around;
    const pendingFor = now() - (notes.read()?.pendingSince ?? -Infinity);
    // The browser may still be receiving the tokens of a tab that is gone.
    if (pendingFor >= 0 && pendingFor < PENDING_MS) await wait(PENDING_MS - pendingFor);
    const note = notes.read();
    if (!note) return "over";
    if (note.renewedAt >= since) return "renewed";
    const { pendingSince: _, ...last } = note;
    notes.write({ ...last, pendingSince: now() });
    try {
      const { status, expiresIn } = await this.around.ask();
      if (status === 200) {
        notes.write({ ...last, renewedAt: now(), expiresIn });
        return "renewed";
      }
      const over = status === 401 || status === 403;
      notes.write(over ? null : last);
      return over ? "over" : "unreachable";
    } catch {
      notes.write(last);
      return "unreachable";
    }
  }
}
