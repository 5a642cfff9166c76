/** Work that can give way hears of every request of others that comes while it has its turn. */
import { beforeEach, expect, it } from "vitest";
import type { Lease, LeaseOptions } from "../../../lib/slots/types.ts";
import { gateFacts } from "../test-support/gate-facts.ts";
import { Gate } from "./gate.ts";
import { Turnstile } from "./turnstile.ts";

let line: Turnstile;
let heard: boolean[];
beforeEach(() => {
  heard = [];
  line = new Turnstile("m", () => ({ maxWaiting: 3, deadlineMs: 60_000 }));
  const listener = { onRelease: () => line.serve(), onSuspect: () => {} };
  const gate = new Gate({ ...gateFacts, capacity: 2 }, listener);
  line.servers.add({ port: 1, status: "ready", gate, retryAtMs: null });
});

const { signal } = new AbortController();
const client = (extra: Partial<LeaseOptions> = {}) => line.lease({ keyId: 1, priority: 0, signal, ...extra });
const yielding = (extra: Partial<LeaseOptions> = {}) =>
  client({ keyId: 0, priority: -1, onOther: (waits) => heard.push(waits), ...extra });

it("that there is room for, and that have to wait", async () => {
  const own = (await yielding()) as Lease;
  expect(heard).toEqual([]);
  await client();
  expect(heard).toEqual([false]);
  const waiting = client();
  expect(heard).toEqual([false, true]);
  own.release();
  await waiting;
  // The turn is over: what comes of the line, or later, is no business of it any more.
  expect(heard).toEqual([false, true]);
});

it("but not of others that can give way, and nothing of those before", async () => {
  await client();
  await yielding();
  void yielding();
  expect(heard).toEqual([]);
});

it("and comes after everybody else", async () => {
  const first = await client({ sequences: 2 });
  const served: string[] = [];
  const turns = [
    Promise.resolve(yielding()).then(() => served.push("own")),
    Promise.resolve(client({ sequences: 2 })).then((turn) => {
      served.push("client");
      turn.release();
    }),
  ];
  first.release();
  await Promise.all(turns);
  expect(served).toEqual(["client", "own"]);
});
