import { Pool } from "undici";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Gate } from "./gate.ts";

const stallMs = 1_000;
let gate: Gate;
const listener = { onRelease: vi.fn(), onSuspect: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  const engine = {
    kind: "llama-server" as const,
    pool: new Pool("http://127.0.0.1:1"),
    pathPrefix: "/v1",
    headers: [],
    upstreamModel: "m",
    alwaysStream: true,
    reportsProgress: true,
  };
  const model = {
    id: "m",
    type: "text",
    capabilities: ["text"],
    contextLength: 512,
    status: "ready",
    createdS: 0,
  } as const;
  gate = new Gate({ engine, port: 1, model, capacity: 4 }, listener);
  return () => vi.useRealTimers();
});

function isStalled(): boolean {
  return gate.isStalled(performance.now(), stallMs);
}

describe("an engine", () => {
  it("is not stalled while nobody asks it anything", () => {
    vi.advanceTimersByTime(10 * stallMs);
    expect(isStalled()).toBe(false);
    gate.grant(0);
    expect(isStalled()).toBe(false);
  });

  it("is stalled when a request waits for it for too long", () => {
    gate.grant(0);
    vi.advanceTimersByTime(stallMs - 1);
    expect(isStalled()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isStalled()).toBe(true);
  });

  it("is not stalled while any request moves", () => {
    const [moving] = [gate.grant(0), gate.grant(0)];
    for (let step = 0; step < 5; step++) {
      vi.advanceTimersByTime(stallMs - 1);
      moving.progressed();
      expect(isStalled()).toBe(false);
    }
    moving.release();
    vi.advanceTimersByTime(stallMs);
    expect(isStalled()).toBe(true);
  });

  it("is not stalled by slow clients, nor shown to be well by them", () => {
    const slow = gate.grant(0);
    for (let step = 0; step < 5; step++) {
      vi.advanceTimersByTime(stallMs - 1);
      slow.held();
    }
    expect(isStalled()).toBe(false);
    gate.grant(0);
    vi.advanceTimersByTime(stallMs);
    slow.held();
    expect(isStalled()).toBe(true);
  });

  it("is idle when the last sequence is given back", async () => {
    const [first, second] = [gate.grant(0), gate.grant(0)];
    const idle = vi.fn();
    gate.idle().then(idle);
    first.release();
    await Promise.resolve();
    expect(idle).not.toHaveBeenCalled();
    second.release();
    await Promise.resolve();
    expect(idle).toHaveBeenCalledOnce();
    await gate.idle();
  });

  it("hands a suspicion on", () => {
    gate.grant(0).suspect("connection_lost");
    expect(listener.onSuspect).toHaveBeenCalledWith(gate, "connection_lost");
  });
});
