import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GatewayError, isGatewayError } from "../../../lib/errors.ts";
import type { Lease, LeaseOptions } from "../../../lib/slots/types.ts";
import { gateFacts } from "../test-support/gate-facts.ts";
import { Gate } from "./gate.ts";
import { Turnstile } from "./turnstile.ts";

let line: Turnstile;

beforeEach(() => {
  vi.useFakeTimers();
  line = new Turnstile("m", () => ({ maxWaiting: 2, deadlineMs: 60_000 }));
  line.loading = { deadlineMs: 600_000, readyAtMs: null };
});

afterEach(() => vi.useRealTimers());

function join(extra: Partial<LeaseOptions> = {}): Promise<Lease> {
  const turn = line.lease({ keyId: 1, priority: 0, signal: new AbortController().signal, ...extra });
  if (!(turn instanceof Promise)) throw new Error("It does not have to wait.");
  return turn;
}

/** Not awaited, it tells nothing; awaited, what it was refused with. */
async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.catch((caught: unknown) => caught);
  if (isGatewayError(error)) return error;
  throw new Error("It did not fail.");
}

/** A slot with so many sequences serves the line from now on. */
function serve(capacity: number): Gate {
  const gate = new Gate(
    { ...gateFacts, capacity },
    { onRelease: () => line.serve(), onSuspect: () => undefined },
  );
  line.servers.add({ port: 1, status: "ready", gate, retryAtMs: null });
  line.serve();
  return gate;
}

describe("a line before a model that is being loaded", () => {
  it("keeps whoever comes, as many as a slot's line has room for", () => {
    failure(join());
    failure(join());
    expect(() => join()).toThrow(/Too many/);
  });

  it("may last as long as a load may take", async () => {
    const late = failure(join());
    vi.advanceTimersByTime(599_999);
    expect(line.waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect((await late).message).toBe("The model 'm' was not ready for 600 s.");
  });

  it("counts the time in line from when the model is ready", async () => {
    const first = join();
    const late = failure(join());
    vi.advanceTimersByTime(500_000);
    serve(1);
    line.endLoading();
    expect((await first).queuedMs).toBeCloseTo(500_000, 0);
    vi.advanceTimersByTime(59_999);
    expect(line.waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect((await late).message).toBe("The model 'm' was busy for 60 s.");
  });

  it("tells when the load is expected to be done, until that is over", () => {
    const told: [number, number | null, boolean][] = [];
    const onQueued: LeaseOptions["onQueued"] = (...news) => told.push(news);
    failure(join({ onQueued }));
    line.loading = { deadlineMs: 600_000, readyAtMs: performance.now() + 30_000 };
    line.tell();
    vi.advanceTimersByTime(10_000);
    line.tell();
    vi.advanceTimersByTime(20_000);
    line.tell();
    expect(told).toEqual([
      [1, null, true],
      [1, 30_000, true],
      [1, 20_000, true],
      [1, null, true],
    ]);
  });

  it("tells each who waits in his own words when it comes to nothing", async () => {
    const [admin, client] = [failure(join({ isAdmin: true })), failure(join())];
    line.endLoading();
    line.close(({ isAdmin }) => new GatewayError("engine_unavailable", isAdmin ? "Why." : "No."));
    expect([(await admin).message, (await client).message]).toEqual(["Why.", "No."]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
