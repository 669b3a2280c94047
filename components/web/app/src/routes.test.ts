import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { find, routes, safeReturn } from "./routes";

test("the server knows every page, and no other", () => {
  const known = readFileSync(new URL("../pages.txt", import.meta.url), "utf8")
    .trim()
    .split("\n");
  expect(routes.map((route) => route.pattern)).toEqual(known);
});

test("a ticket's number is taken from its address", () => {
  expect(find("/ticket/TX20261122000001")?.params).toEqual({ number: "TX20261122000001" });
  for (const path of ["/ticket/", "/ticket/a/b", "/ticket/%2e", "/nothing", "/tickets/"]) expect(find(path)).toBeNull();
});

test("after signing in one returns to our own pages only", () => {
  expect(safeReturn("/tickets?status=New")).toBe("/tickets?status=New");
  for (const next of [
    null,
    "",
    "https://example.org",
    "//example.org",
    "/\\example.org",
    "/login?next=/",
    "/nothing",
  ]) {
    expect(safeReturn(next)).toBe("/");
  }
});
