import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GatewayError, isGatewayError } from "../../../lib/errors.ts";
import type { Lease, LeaseOptions } from "../../../lib/slots/types.ts";
import { gateFacts } from "../test-support/gate-facts.ts";
import { Gate } from "./gate.ts";
import { type Server, Turnstile } from "./turnstile.ts";

let line: Turnstile;
let limits = { maxWaiting: 3, deadlineMs: 60_000 };

beforeEach(() => {
  vi.useFakeTimers();
  limits = { maxWaiting: 3, deadlineMs: 60_000 };
  line = new Turnstile("m", () => limits);
});

afterEach(() => vi.useRealTimers());

function serve(port: number, capacity: number): Server & { gate: Gate } {
  const listener = {
    onRelease: (_gate: Gate, heldMs: number) => {
      line.learn(heldMs);
      line.serve();
    },
    onSuspect: () => {},
  };
  const gate = new Gate({ ...gateFacts, port, capacity }, listener);
  const server = { port, status: "ready" as const, gate, retryAtMs: null };
  line.servers.add(server);
  return server;
}

function options(extra: Partial<LeaseOptions> = {}): LeaseOptions {
  return { keyId: 1, priority: 0, signal: new AbortController().signal, ...extra };
}

function now(): Lease {
  const turn = line.lease(options());
  if (turn instanceof Promise) throw new Error("It has to wait.");
  return turn;
}

/** Joins the line; `name` is noted when its turn has come. */
function join(name: string, turns: string[], extra?: Partial<LeaseOptions>): Promise<Lease> {
  const turn = line.lease(options(extra));
  if (!(turn instanceof Promise)) throw new Error("It does not have to wait.");
  return turn.then((lease) => {
    turns.push(name);
    return lease;
  });
}

function refusal(attempt: () => unknown): GatewayError {
  try {
    attempt();
  } catch (error) {
    if (isGatewayError(error)) return error;
  }
  throw new Error("It was not refused.");
}

/** Places are told at the end of a turn of the event loop. */
const toldAll = () => vi.advanceTimersByTimeAsync(0);

async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await promise.catch((caught: unknown) => caught);
  if (isGatewayError(error)) return error;
  throw new Error("It did not fail.");
}

describe("a free sequence", () => {
  it("is given at once, without a promise, up to the engine's number", () => {
    serve(1, 2);
    expect([now().queuedMs, now().port]).toEqual([0, 1]);
    expect(line.lease(options())).toBeInstanceOf(Promise);
  });

  it("comes from the least busy slot", () => {
    serve(1, 4);
    serve(2, 2);
    expect([1, 2, 3, 4, 5, 6].map(() => now().port)).toEqual([1, 2, 1, 1, 2, 1]);
  });

  it("never ends where the engine queues by itself", () => {
    serve(1, Number.POSITIVE_INFINITY);
    serve(2, Number.POSITIVE_INFINITY);
    const ports = Array.from({ length: 1_000 }, () => now().port);
    expect(ports.filter((port) => port === 1)).toHaveLength(500);
  });

  it("given back twice counts once", () => {
    const { gate } = serve(1, 1);
    const turn = now();
    turn.release();
    turn.release();
    expect(gate.inFlight).toBe(0);
    now();
    expect(line.lease(options())).toBeInstanceOf(Promise);
  });
});

describe("the line", () => {
  it("lets everybody through in the order in which they came", async () => {
    serve(1, 1);
    const first = now();
    const turns: string[] = [];
    const waiting = ["a", "b", "c"].map((name) => join(name, turns));
    vi.advanceTimersByTime(250);
    first.release();
    for (const turn of waiting) (await turn).release();
    expect(turns).toEqual(["a", "b", "c"]);
    expect((await waiting[0])?.queuedMs).toBeCloseTo(250, 0);
  });

  it("is not overtaken by who comes when a sequence has just become free", async () => {
    const server = serve(1, 1);
    server.gate.open = false;
    const turns: string[] = [];
    const early = join("early", turns);
    server.gate.open = true;
    const late = join("late", turns);
    line.serve();
    (await early).release();
    (await late).release();
    expect(turns).toEqual(["early", "late"]);
  });

  it("is served by every slot that runs the model", async () => {
    serve(1, 1);
    serve(2, 1);
    const [, second] = [now(), now()];
    const waiting = join("a", []);
    second.release();
    expect((await waiting).port).toBe(2);
  });

  it("tells the places, and what to expect once there is a history", async () => {
    serve(1, 2);
    const told: [string, number, number | null][] = [];
    const note = (name: string) => ({
      onQueued: (place: number, expectedMs: number | null) => told.push([name, place, expectedMs]),
    });
    const turn = now();
    now();
    const a = join("a", [], note("a"));
    join("b", [], note("b"));
    vi.advanceTimersByTime(1_000);
    turn.release();
    await a;
    await toldAll();
    join("c", [], note("c"));
    expect(told).toEqual([
      ["a", 1, null],
      ["b", 2, null],
      ["b", 1, 500],
      ["c", 2, 1_000],
    ]);
  });

  it("is left at once by who goes away", async () => {
    serve(1, 1);
    const turn = now();
    const client = new AbortController();
    const gone = join("gone", [], { signal: client.signal });
    const places: number[] = [];
    const next = join("next", [], { onQueued: (place) => places.push(place) });
    client.abort();
    expect((await failure(gone)).code).toBe("client_closed");
    expect(line.waiting).toBe(1);
    await toldAll();
    expect(places).toEqual([2, 1]);
    turn.release();
    (await next).release();
  });

  it("refuses whom it has no room for, before any waiting", () => {
    serve(1, 1);
    const turn = now();
    for (let place = 0; place < 3; place++) line.lease(options());
    const first = refusal(() => line.lease(options()));
    expect([first.code, first.status, first.options.retryAfterS]).toEqual(["queue_full", 503, 5]);
    vi.advanceTimersByTime(2_000);
    turn.release();
    line.lease(options());
    expect(refusal(() => line.lease(options())).options.retryAfterS).toBe(6);
  });

  it("keeps a place for each key of which nobody waits, in a line that another has filled", async () => {
    serve(1, 1);
    const turn = now();
    const turns: string[] = [];
    for (const name of ["a0", "a1", "a2"]) join(name, turns).then((lease) => lease.release());
    const other = join("b0", turns, { keyId: 2 }).then((lease) => lease.release());
    expect(refusal(() => line.lease(options({ keyId: 2 }))).code).toBe("queue_full");
    for (const keyId of [3, 4]) line.lease(options({ keyId }));
    expect(refusal(() => line.lease(options({ keyId: 5 }))).code).toBe("queue_full");
    turn.release();
    await other;
    expect(turns).toEqual(["a0", "b0"]);
  });

  it("has room for as many more as slots serve it", () => {
    serve(1, 1);
    serve(2, 1);
    now();
    now();
    for (let place = 0; place < 6; place++) line.lease(options());
    expect(refusal(() => line.lease(options())).code).toBe("queue_full");
  });

  it("ends for everybody at the deadline", async () => {
    serve(1, 1);
    now();
    const waiting = failure(join("late", []));
    vi.advanceTimersByTime(59_999);
    expect(line.waiting).toBe(1);
    vi.advanceTimersByTime(1);
    const error = await waiting;
    expect([error.code, error.message]).toEqual(["engine_unavailable", "The model 'm' was busy for 60 s."]);
    expect(line.waiting).toBe(0);
  });
});

describe("a slot that is not ready", () => {
  it("is waited for while it starts", async () => {
    const server = serve(1, 1);
    const { gate } = server;
    Object.assign(server, { status: "starting", gate: null });
    const waiting = join("a", []);
    Object.assign(server, { status: "ready", gate });
    line.serve();
    expect((await waiting).port).toBe(1);
  });

  it("is waited for until the deadline, and no longer", async () => {
    Object.assign(serve(1, 1), { status: "starting", gate: null });
    const waiting = failure(join("a", []));
    vi.advanceTimersByTime(60_000);
    expect((await waiting).message).toBe("The model 'm' was not ready for 60 s.");
  });

  it("is not waited for after a crash; it is said when it is started again", () => {
    Object.assign(serve(1, 1), { status: "crashed", gate: null, retryAtMs: performance.now() + 7_400 });
    const error = refusal(() => line.lease(options()));
    expect([error.code, error.options.retryAfterS]).toEqual(["engine_unavailable", 8]);
  });

  it("does not keep another one from serving", () => {
    Object.assign(serve(1, 1), { status: "crashed", gate: null });
    serve(2, 1);
    expect(now().port).toBe(2);
  });

  it("sends everybody away when it is gone", async () => {
    serve(1, 1);
    now();
    const waiting = [failure(join("a", [])), failure(join("b", []))];
    line.close(new GatewayError("engine_unavailable", "The model 'm' was unloaded."));
    expect((await Promise.all(waiting)).map(({ message }) => message)).toEqual([
      "The model 'm' was unloaded.",
      "The model 'm' was unloaded.",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
