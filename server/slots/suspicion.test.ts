import { expect, it } from "vitest";
import { isHung, isSuspicious, type Proof } from "./suspicion.ts";

const silent = { silentMs: 3_000, showsWork: true, isProving: false };

it.each([
  ["after a long silence is suspicious", {}, true],
  ["sooner is not", { silentMs: 2_999 }, false],
  ["on an engine that shows nothing while it works is not", { showsWork: false }, false],
  ["while a proof is under way is not", { isProving: true }, false],
])("an end %s", (_what, changes, expected) => {
  expect(isSuspicious({ ...silent, ...changes }, 3_000)).toBe(expected);
});

const lacking: Proof = { outcome: "none", lastStepMs: 1_000, lastProgressMs: 1_000 };

it.each<[string, Partial<Proof>, boolean]>([
  ["gives no proof, and nothing else moved, hangs", {}, true],
  ["gives no proof while another request moves does not", { lastProgressMs: 1_001 }, false],
  ["does the work does not", { outcome: "given" }, false],
  ["says that it cannot does not", { outcome: "refused" }, false],
])("an engine that %s", (_what, changes, expected) => {
  expect(isHung({ ...lacking, ...changes })).toBe(expected);
});
