import { expect, test } from "vitest";
import { rightsOf } from "./rights";

const person = (user_type: string, ...roles: [string, string][]) => ({
  user_type,
  is_superuser: false,
  system_roles: roles.map(([system, role]) => ({ system, role })),
});
const held = (of: Parameters<typeof rightsOf>[0]) =>
  Object.entries(rightsOf(of))
    .filter(([, holds]) => holds)
    .map(([right]) => right);

test("an employee asks, and nothing else", () => {
  expect(held(person("employee", ["hdts", "Employee"]))).toEqual(["submits"]);
});

test("an agent works on what is given to them", () => {
  expect(held(person("staff", ["tts", "Asset Manager"]))).toEqual(["works", "isStaff"]);
});

test("a coordinator decides over all tickets and owns tasks", () => {
  expect(held(person("staff", ["hdts", "Ticket Coordinator"]))).toEqual([
    "submits",
    "coordinates",
    "seesAll",
    "owns",
    "reports",
    "isStaff",
  ]);
});

test("roles count only in their own system", () => {
  const admin = rightsOf(person("staff", ["tts", "Admin"]));
  expect([admin.administersTasks, admin.coordinates]).toEqual([true, false]);
  expect(rightsOf(person("staff", ["hdts", "Admin"])).administersTasks).toBe(false);
});
