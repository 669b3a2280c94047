import { expect, test } from "vitest";
import { Problem, sentence, sortErrors, Unreachable } from "./problem";

test("a problem document is read, whatever is missing from it", () => {
  const problem = Problem.read(409, {
    title: "Not possible",
    detail: "It is closed.",
    instance: "r1",
    retry_after_s: 3,
  });
  expect([problem.message, problem.instance, problem.retryAfter]).toEqual(["It is closed.", "r1", 3]);
  for (const other of [null, "text", [], { errors: "none", title: 5 }]) {
    const bare = Problem.read(502, other);
    expect([bare.message, bare.errors]).toEqual(["The server answered 502", []]);
  }
});

test("what is not of the right shape is no error of a field", () => {
  const errors = [{ field: "a", message: "is required" }, { field: 1, message: "b" }, null];
  expect(Problem.read(422, { title: "t", errors }).errors).toEqual([{ field: "a", message: "is required" }]);
});

test("errors are sorted to the fields of the form", () => {
  const errors = [
    { field: "subject", message: "is required" },
    { field: "cost_items.0.amount", message: "must be an amount" },
    { field: "files[]", message: "at most 10 files are taken" },
    { field: "files", message: "a.txt: the file is empty" },
    { field: "colour", message: "is not known" },
  ];
  const { at, elsewhere } = sortErrors(errors, ["subject", "cost_items", "files"]);
  expect(Object.fromEntries(at)).toEqual({
    subject: "Is required.",
    cost_items: "Must be an amount.",
    files: "At most 10 files are taken. A.txt: the file is empty.",
  });
  expect(elsewhere).toEqual([{ field: "colour", message: "is not known" }]);
});

test("people get one sentence", () => {
  expect(sentence(Problem.read(422, { title: "Some fields are not valid" }))).toContain(
    "Please look at what is marked",
  );
  expect(sentence(Problem.read(403, { title: "Not allowed", detail: "Your roles do not allow this." }))).toBe(
    "Your roles do not allow this.",
  );
  expect(sentence(new Unreachable())).toContain("cannot be reached");
  expect(sentence(new TypeError("x is undefined"))).not.toContain("undefined");
});
