import { expect, test } from "vitest";
import { badge, plural, size } from "./size";
import { standing } from "./sla";
import { day, near, span } from "./time";

const HOUR = 3_600_000;

test("moments of today are told by their distance", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const at = (ms: number) => near(new Date(now + ms).toISOString(), now);
  expect([at(-20_000), at(-5 * 60_000), at(3 * HOUR), at(-HOUR)]).toEqual([
    "just now",
    "5 minutes ago",
    "in 3 hours",
    "1 hour ago",
  ]);
  expect(at(-48 * HOUR)).toContain("20 Nov 2026");
});

test("a day of the calendar is the same day in every zone", () => {
  expect(day("2026-11-22")).toBe("22 Nov 2026");
});

test("a span has its two largest parts", () => {
  expect([span(0), span(45 * 60_000), span(51 * HOUR + 59_000), span(25 * HOUR + 5 * 60_000)]).toEqual([
    "less than a minute",
    "45 min",
    "2 d 3 h",
    "1 d 1 h",
  ]);
});

test("sizes and counts are short", () => {
  expect([size(512), size(1536), size(10 * 1024 * 1024)]).toEqual(["512 B", "1.5 KB", "10 MB"]);
  expect([badge(0), badge(99), badge(100)]).toEqual(["0", "99", "99+"]);
  expect([plural(1, "ticket"), plural(2, "reply", "replies")]).toEqual(["1 ticket", "2 replies"]);
});

const item = (percent: number | null, changes = {}) => ({
  assigned_at: "2026-11-22T08:00:00Z",
  due_at: "2026-11-22T18:00:00Z",
  acted_at: null,
  breached_at: null,
  elapsed_percent: percent,
  ...changes,
});

test("a target time falls into the bands of the specification", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const band = (percent: number) => standing(item(percent), now)?.band;
  expect([0, 49, 50, 79, 80, 99, 100, 250].map(band)).toEqual([
    "on-track",
    "on-track",
    "in-progress",
    "in-progress",
    "due-soon",
    "due-soon",
    "overdue",
    "overdue",
  ]);
  expect(standing(item(null), now)).toMatchObject({ percent: 40, left: "6 h left" });
  expect(standing(item(20, { acted_at: "2026-11-22T10:00:00Z" }), now)).toMatchObject({ band: "met", left: "" });
  expect(standing(item(20, { due_at: null }), now)).toBeNull();
});
