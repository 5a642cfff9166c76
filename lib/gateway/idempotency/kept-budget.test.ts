import { expect, it } from "vitest";
import { KeptBudget } from "./kept-budget.ts";

const mebibyte = 1024 * 1024;
const dayMs = 24 * 3_600_000;

it("takes 64 MiB of a key and 1 GiB of all, again on the next day", () => {
  const budget = new KeptBudget();
  const nowMs = Date.now();
  const fill = (keyId: number, at: number) => {
    let taken = 0;
    while (budget.takes(keyId, mebibyte, at)) taken++;
    return taken;
  };
  expect(Array.from({ length: 17 }, (_, keyId) => fill(keyId, nowMs))).toEqual([...Array(16).fill(64), 0]);
  expect(fill(1, nowMs + dayMs - 1)).toBe(0);
  expect(fill(1, nowMs + dayMs + 1)).toBe(64);
});
