import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease, LeaseOptions } from "../../../lib/slots/types.ts";
import { gateFacts } from "../test-support/gate-facts.ts";
import { Gate } from "./gate.ts";
import { Turnstile } from "./turnstile.ts";

let line: Turnstile;

beforeEach(() => {
  vi.useFakeTimers();
  line = new Turnstile("m", () => ({ maxWaiting: 10, deadlineMs: 60_000 }));
});
afterEach(() => vi.useRealTimers());

function serve(port: number, capacity: number): { gate: Gate } {
  const listener = { onRelease: () => line.serve(), onSuspect: () => {} };
  const gate = new Gate({ ...gateFacts, port, capacity }, listener);
  line.servers.add({ port, status: "ready", gate, retryAtMs: null });
  return { gate };
}

function options(extra: Partial<LeaseOptions> = {}): LeaseOptions {
  return { keyId: 1, priority: 0, signal: new AbortController().signal, ...extra };
}

function now(extra?: Partial<LeaseOptions>): Lease {
  const turn = line.lease(options(extra));
  if (turn instanceof Promise) throw new Error("It has to wait.");
  return turn;
}

/** Joins the line; `name` is noted when its turn has come. */
async function join(name: string, turns: string[], extra?: Partial<LeaseOptions>): Promise<Lease> {
  const lease = await line.lease(options(extra));
  turns.push(name);
  return lease;
}

describe("requests that use several sequences", () => {
  it("wait until there are as many, and others do not pass them by", async () => {
    serve(1, 4);
    const running = [now(), now()];
    const turns: string[] = [];
    const three = join("three", turns, { sequences: 3 });
    const one = join("one", turns, { keyId: 2 });
    running[0]?.release();
    const held = await three;
    expect(turns).toEqual(["three"]);
    running[1]?.release();
    await one;
    held.release();
  });

  it("get no more than their engine has, and give back as many", async () => {
    const { gate } = serve(1, 4);
    const all = now({ sequences: 1000 });
    expect(gate.hasRoom()).toBe(false);
    all.release();
    expect([now(), now(), now(), now()]).toHaveLength(4);
  });

  it("go to the engine that has as many free", () => {
    serve(1, 2);
    serve(2, 2);
    const first = now();
    const both = now({ sequences: 2 });
    expect(new Set([first.port, both.port])).toEqual(new Set([1, 2]));
  });

  it("are not counted by an engine without a bound", () => {
    serve(1, Number.POSITIVE_INFINITY);
    line.lease(options({ sequences: 1000 }));
    expect(now().port).toBe(1);
  });

  it("that give up let those behind them go on", async () => {
    serve(1, 4);
    now();
    const turns: string[] = [];
    const leaving = new AbortController();
    const wide = join("wide", turns, { sequences: 4, signal: leaving.signal }).catch(() => {});
    const narrow = join("narrow", turns, { keyId: 2 });
    leaving.abort();
    await Promise.all([wide, narrow]);
    expect(turns).toEqual(["narrow"]);

    void join("late", turns, { sequences: 4 }).catch(() => {});
    await vi.advanceTimersByTimeAsync(30_000);
    const next = join("next", turns, { keyId: 2 });
    await vi.advanceTimersByTimeAsync(30_000);
    await next;
    expect(turns).toEqual(["narrow", "next"]);
  });

  it("do not hold up one that comes before them and has room", async () => {
    serve(1, 4);
    now();
    const turns: string[] = [];
    void join("wide", turns, { sequences: 4 });
    await join("urgent", turns, { keyId: 2, priority: 1 });
    expect(turns).toEqual(["urgent"]);
  });

  it("go to an engine that has as many, where there is one", () => {
    serve(1, 1);
    serve(2, 4);
    expect(now({ sequences: 4 }).port).toBe(2);
    expect(line.lease(options({ sequences: 4 }))).toBeInstanceOf(Promise);
    expect(now).toThrow("It has to wait.");
  });
});
