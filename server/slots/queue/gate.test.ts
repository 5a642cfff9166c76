import { beforeEach, describe, expect, it, vi } from "vitest";
import { gateFacts } from "../test-support/gate-facts.ts";
import { Gate } from "./gate.ts";

const stallMs = 1_000;
let gate: Gate;
const listener = { onRelease: vi.fn(), onSuspect: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  listener.onRelease.mockClear();
  gate = new Gate(gateFacts, listener);
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

  it("says with each end how long it was used, and how long nothing was to be seen of its work", () => {
    const [waiting, moving] = [gate.grant(0), gate.grant(0)];
    vi.advanceTimersByTime(300);
    moving.progressed();
    vi.advanceTimersByTime(200);
    waiting.release();
    expect(listener.onRelease).toHaveBeenLastCalledWith(gate, 500, 200);
    moving.held();
    moving.release();
    expect(listener.onRelease).toHaveBeenLastCalledWith(gate, 500, 0);
    vi.advanceTimersByTime(1_000);
    const late = gate.grant(0);
    vi.advanceTimersByTime(100);
    late.release();
    late.release();
    expect(listener.onRelease).toHaveBeenLastCalledWith(gate, 100, 100);
    expect(listener.onRelease).toHaveBeenCalledTimes(3);
  });

  it("hands a suspicion on", () => {
    gate.grant(0).suspect("connection_lost");
    expect(listener.onSuspect).toHaveBeenCalledWith(gate, "connection_lost");
  });
});
