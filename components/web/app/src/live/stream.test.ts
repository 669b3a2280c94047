import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listen } from "./stream";

class FakeSource {
  static CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  onopen = () => undefined;
  onerror = () => undefined;
  told: ((event: { data: string }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  addEventListener(_name: string, handler: (event: { data: string }) => void) {
    this.told = handler;
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  refuse() {
    this.readyState = FakeSource.CLOSED;
    this.onerror();
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const look = (visibilityState: string) => {
  page.visibilityState = visibilityState;
  page.dispatchEvent(new Event("visibilitychange"));
};
const newest = () => FakeSource.all.at(-1) as FakeSource;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
  page.visibilityState = "visible";
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(probe: () => Promise<unknown> = async () => undefined) {
  const events: unknown[] = [];
  const states: boolean[] = [];
  const missed = vi.fn();
  const stop = listen({
    url: "/stream",
    name: "news",
    onEvent: (data) => events.push(data),
    onMissed: missed,
    onState: (isLive) => states.push(isLive),
    probe,
  });
  return { events, states, missed, stop };
}

test("events are read, and what is no JSON is nothing", () => {
  const { events, states, stop } = start();
  newest().open();
  newest().told?.({ data: '{"a":1}' });
  newest().told?.({ data: "{" });
  expect([events, states]).toEqual([[{ a: 1 }, null], [true]]);
  stop();
});

test("a refused stream is opened again once the session is fresh, and looks for what it missed", async () => {
  const probe = vi.fn(async () => undefined);
  const { missed, stop } = start(probe);
  newest().open();
  newest().refuse();
  expect(FakeSource.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(probe).toHaveBeenCalledTimes(1);
  expect(FakeSource.all).toHaveLength(2);
  newest().open();
  expect(missed).toHaveBeenCalledTimes(1);
  stop();
});

test("who has stopped listening opens nothing any more", async () => {
  let answer = () => undefined as void;
  const { stop } = start(() => new Promise<void>((resolve) => (answer = resolve)));
  newest().refuse();
  await vi.advanceTimersByTimeAsync(1000);
  stop();
  answer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSource.all).toHaveLength(1);
});

test("while the server is away it is asked less and less often", async () => {
  const probe = vi.fn(async () => Promise.reject(new Error("away")));
  const { stop } = start(probe);
  newest().refuse();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(probe.mock.calls.length).toBeLessThan(10);
  expect(FakeSource.all).toHaveLength(1);
  stop();
});

test("a tab that nobody looks at gives its connection back", async () => {
  const { missed, stop } = start();
  newest().open();
  look("hidden");
  await vi.advanceTimersByTimeAsync(5000);
  expect(newest().readyState).toBe(1);
  await vi.advanceTimersByTimeAsync(6000);
  expect(newest().readyState).toBe(FakeSource.CLOSED);
  look("visible");
  expect(FakeSource.all).toHaveLength(2);
  newest().open();
  expect(missed).toHaveBeenCalledTimes(1);
  stop();
});
