import { expect, it } from "vitest";
import { Commitments } from "./commitments.ts";

const need = { costNanos: 100, tokens: 50, minuteTokens: 20 };

it("holds what a request may use for its user and its key, until it is settled once", () => {
  const commitments = new Commitments();
  const nowMs = performance.now();
  const first = commitments.reserve(1, 10, need, nowMs);
  commitments.reserve(1, 11, need, nowMs);
  expect(commitments.ofUser(1)).toMatchObject({ inFlight: 2, heldNanos: 200, heldTokens: 100 });
  expect(commitments.ofKey(10)).toMatchObject({ inFlight: 1, heldNanos: 100, heldTokens: 50 });
  first.close({ costNanos: 30, tokens: 7 });
  first.close({ costNanos: 30, tokens: 7 });
  expect(commitments.ofUser(1)).toMatchObject({ inFlight: 1, heldNanos: 100, heldTokens: 50 });
  expect(commitments.ofKey(10)).toMatchObject({ inFlight: 0, heldNanos: 0, heldTokens: 0 });
  expect(commitments.ofUser(1).month.costNanos(Date.now())).toBe(30);
  expect(commitments.ofUser(1).minute.state(nowMs, 1_000).remaining).toBe(1_000 - 20 - 7);
});

it("remembers what was used before a restart", () => {
  const commitments = new Commitments();
  commitments.restore({
    month: [
      { userId: 1, keyId: 10, costNanos: 5, tokens: 3 },
      { userId: 1, keyId: 11, costNanos: 7, tokens: 4 },
    ],
    minute: [{ userId: 1, keyId: 10, startedAtMs: Date.now() - 30_000, tokens: 9 }],
  });
  const nowMs = performance.now();
  expect(commitments.ofUser(1).month.costNanos(Date.now())).toBe(12);
  expect(commitments.ofKey(11).month.tokens(Date.now())).toBe(4);
  expect(commitments.ofKey(10).minute.state(nowMs, 100).remaining).toBe(91);
  expect(commitments.ofKey(10).minute.state(nowMs + 31_000, 100).remaining).toBe(100);
});
