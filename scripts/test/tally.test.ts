import { expect, test } from "vitest";
import { add, exitCode, nothing, summary, tallyOf } from "./tally.mjs";

const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

test("adds up what the reports say", () => {
  const first = tallyOf({ ...clean, numPendingTests: 1, numTodoTests: 1 }, true);
  expect(summary(add(first, tallyOf({ ...clean, numFailedTests: 2 }, false)))).toBe(
    "6 passed, 2 failed, 2 skipped",
  );
});

test("a file that did not load is a failure", () => {
  const testResults = [{ status: "failed", assertionResults: [] }];
  expect(tallyOf({ ...clean, testResults }, false).failed).toBe(1);
});

test("a failure outside of any test is one", () => {
  expect(tallyOf(clean, false).failed).toBe(1);
});

test("succeeds only when tests ran, none failed, and on Linux none was skipped", () => {
  expect(exitCode({ passed: 1, failed: 0, skipped: 0 }, "linux")).toBe(0);
  expect(exitCode({ passed: 1, failed: 0, skipped: 1 }, "linux")).toBe(1);
  expect(exitCode({ passed: 1, failed: 0, skipped: 1 }, "darwin")).toBe(0);
  expect(exitCode({ passed: 1, failed: 1, skipped: 0 }, "linux")).toBe(1);
  expect(exitCode(nothing, "linux")).toBe(1);
});
