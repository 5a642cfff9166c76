import { expect, test } from "vitest";
import type { Clock } from "../clock.ts";
import type { Caller } from "../money/types.ts";
import { isOwnOrigin } from "./origin.ts";
import { Tickets } from "./tickets.ts";

const callerOf = (id: number) => ({ account: { id }, key: { id } }) as Caller;

function ticketsAt() {
  let nowMs = 0;
  const clock: Clock = { wallMs: () => 1_000_000 + nowMs, monotonicMs: () => nowMs };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { tickets: new Tickets(clock), pass };
}

test("a ticket is good once, for its own caller", () => {
  const { tickets } = ticketsAt();
  const [one, other] = [tickets.issue(callerOf(1)), tickets.issue(callerOf(2))];
  expect(one.ticket).toMatch(/^[\w-]{43}$/);
  expect(tickets.redeem(other.ticket)?.key.id).toBe(2);
  expect(tickets.redeem(other.ticket)).toBeNull();
  expect(tickets.redeem(one.ticket)?.key.id).toBe(1);
  expect(tickets.redeem("")).toBeNull();
});

test("for thirty seconds", () => {
  const { tickets, pass } = ticketsAt();
  const [early, late] = [tickets.issue(callerOf(1)), tickets.issue(callerOf(1))];
  expect(early.expiresAtMs).toBe(1_030_000);
  pass(29_999);
  expect(tickets.redeem(early.ticket)).not.toBeNull();
  pass(1);
  expect(tickets.redeem(late.ticket)).toBeNull();
});

test("who asks for tickets without end makes the oldest ones end", () => {
  const { tickets } = ticketsAt();
  const issued = Array.from({ length: 1_001 }, (_, id) => tickets.issue(callerOf(id)));
  expect(tickets.redeem(issued[0]?.ticket ?? "")).toBeNull();
  expect(tickets.redeem(issued[1]?.ticket ?? "")?.key.id).toBe(1);
  expect(tickets.redeem(issued[1_000]?.ticket ?? "")?.key.id).toBe(1_000);
});

test.each([
  [undefined, "gateway:4000", null, true],
  ["http://gateway:4000", "gateway:4000", null, true],
  ["http://GATEWAY:4000", "gateway:4000", null, true],
  ["https://llm.example.org", "llm.example.org:443", null, true],
  ["https://llm.example.org", "127.0.0.1:4000", "https://llm.example.org/base", true],
  ["http://evil.example", "gateway:4000", null, false],
  ["http://gateway:4001", "gateway:4000", null, false],
  ["http://gateway:4000", undefined, null, false],
  ["https://llm.example.org.evil.example", "127.0.0.1:4000", "https://llm.example.org", false],
  ["null", "null", null, false],
  ["", "", null, false],
  ["http://a b", "a b", null, false],
])("a page at %s, of a gateway at %s that is known as %s: %s", (origin, host, publicUrl, isOwn) => {
  expect(isOwnOrigin({ origin, host }, publicUrl)).toBe(isOwn);
});
