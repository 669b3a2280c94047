import { beforeEach, expect, test } from "vitest";
import { type Note, Renewal, type Surroundings } from "./renewal";

let clock = 0;
let note: Note | null = null;
let asked = 0;
let answer: { status: number; expiresIn: number } | "lost" = { status: 200, expiresIn: 600 };
let queue: Promise<unknown> = Promise.resolve();

/** What all tabs of a browser share. */
const browser: Surroundings = {
  notes: {
    read: () => note,
    write: (next) => {
      note = next;
    },
  },
  alone: (work) => {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined);
    return turn;
  },
  ask: async () => {
    asked += 1;
    clock += 50;
    if (answer === "lost") throw new TypeError("network");
    return answer;
  },
  now: () => clock,
  wait: async (ms) => {
    clock += ms;
  },
};

beforeEach(() => {
  clock = 1_000_000;
  note = null;
  asked = 0;
  answer = { status: 200, expiresIn: 600 };
  queue = Promise.resolve();
});

test("a renewal is due at four fifths of the token's life", () => {
  const tab = new Renewal(browser);
  expect(tab.dueIn()).toBeNull();
  tab.begin("ada", 600);
  expect(tab.dueIn()).toBe(480_000);
  clock += 500_000;
  expect(tab.dueIn()).toBe(0);
});

test("two tabs that find their token too old ask once", async () => {
  const tabs = [new Renewal(browser), new Renewal(browser)] as const;
  tabs[0].begin("ada", 600);
  clock += 600_000;
  const sentAt = clock;
  expect(await Promise.all(tabs.map((tab) => tab.renew(sentAt)))).toEqual(["renewed", "renewed"]);
  expect(asked).toBe(1);
  expect(note).toEqual({ user: "ada", renewedAt: sentAt + 50, expiresIn: 600 });
});

test("who was refused before another tab renewed only tries again", async () => {
  const tab = new Renewal(browser);
  tab.begin("ada", 600);
  expect(await tab.renew(clock - 10)).toBe("renewed");
  expect(asked).toBe(0);
});

test("nobody asks once the session is over", async () => {
  const tab = new Renewal(browser);
  tab.begin("ada", 600);
  answer = { status: 401, expiresIn: 0 };
  clock += 1;
  expect(await tab.renew(clock)).toBe("over");
  expect(note).toBeNull();
  expect(await tab.renew(clock)).toBe("over");
  expect(asked).toBe(1);
});

test("a server that cannot be reached ends nothing", async () => {
  const tab = new Renewal(browser);
  tab.begin("ada", 600);
  clock += 1;
  for (const trouble of ["lost", { status: 503, expiresIn: 0 }, { status: 429, expiresIn: 0 }] as const) {
    answer = trouble;
    expect(await tab.renew(clock)).toBe("unreachable");
    expect(note?.user).toBe("ada");
    expect(note?.pendingSince).toBeUndefined();
  }
});

test("a renewal of a tab that was closed is waited for", async () => {
  const tab = new Renewal(browser);
  note = { user: "ada", renewedAt: clock - 600_000, expiresIn: 600, pendingSince: clock - 1000 };
  const before = clock;
  expect(await tab.renew(clock)).toBe("renewed");
  expect(clock - before).toBe(2050);
  expect(note.pendingSince).toBeUndefined();
});
