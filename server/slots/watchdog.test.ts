import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Suspicion } from "../../lib/slots/types.ts";
import { Gate } from "./queue/gate.ts";
import { emptySlot } from "./state.ts";
import { gateFacts } from "./test-support/gate-facts.ts";
import { timings } from "./timings.ts";
import { Watchdog } from "./watchdog.ts";

const stallMs = 120_000;
const { suspicionMs } = timings;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

type Work = (onStep: () => void) => Promise<void>;

/** A slot with an engine that answers, and does the work it is asked for when `work` resolves. */
function watch({
  stalls = true,
  work = never,
  pid = 1,
}: {
  stalls?: boolean;
  work?: Work;
  pid?: number | null;
} = {}) {
  const onRelease = (gate: Gate, _heldMs: number, silentMs: number) => watchdog.onRelease(gate, silentMs);
  const onSuspect = (gate: Gate, reason: Suspicion) => watchdog.suspect(gate, reason);
  const gate = new Gate(gateFacts, { onRelease, onSuspect });
  const prove = vi.fn((signal: AbortSignal, onStep: () => void) =>
    Promise.race([work(onStep), untilAborted(signal)]),
  );
  const slot = {
    gate: gate as Gate | null,
    state: { ...emptySlot, status: "ready" as const },
    running: {
      engine: gateFacts.engine,
      pid,
      stalls,
      warnings: [],
      exited: new Promise<never>(() => {}),
      probe: async () => {},
      prove,
      stop: async () => {},
    },
    end: vi.fn(),
  };
  const watchdog = new Watchdog({
    slots: [slot],
    timings,
    stallMs: () => stallMs,
    onCleared: () => {},
    log: { error: (error: unknown) => expect(error).toBeNull() },
  });
  return { gate, slot, prove };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function never(): Promise<void> {
  return new Promise(() => {});
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A request that waits in vain for this long, then leaves. */
async function waitInVain(gate: Gate, ms: number): Promise<void> {
  const lease = gate.grant(0);
  await vi.advanceTimersByTimeAsync(ms);
  lease.release();
}

it("ends an engine that neither answered a request nor does a piece of work in as long as a request has", async () => {
  const { gate, slot, prove } = watch();
  await waitInVain(gate, suspicionMs);
  expect(prove).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(stallMs - 1);
  expect(slot.end).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(slot.end).toHaveBeenCalledWith(expect.stringContaining("120 s (engine_stall_s)"));
});

it("gives each step of the work as long as a batch may take", async () => {
  const steps: Work = async (onStep) => {
    for (let step = 0; step < 3; step++) {
      await sleep(stallMs - 1);
      onStep();
    }
    await never();
  };
  const { gate, slot } = watch({ work: steps });
  await waitInVain(gate, suspicionMs);
  await vi.advanceTimersByTimeAsync(4 * stallMs - 4);
  expect(slot.end).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(slot.end).toHaveBeenCalled();
});

it("asks for one proof, however many leave, and again once that is over", async () => {
  const { gate, prove } = watch({ work: (onStep) => sleep(10_000).then(onStep) });
  const leases = [gate.grant(0), gate.grant(0), gate.grant(0)];
  await vi.advanceTimersByTimeAsync(suspicionMs);
  for (const lease of leases) lease.release();
  await waitInVain(gate, suspicionMs);
  expect(prove).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  await waitInVain(gate, suspicionMs);
  expect(prove).toHaveBeenCalledTimes(2);
});

it("takes a proof for a sign of life to all who wait", async () => {
  const { gate, slot, prove } = watch({ work: (onStep) => sleep(10_000).then(onStep) });
  const patient = gate.grant(0);
  await waitInVain(gate, suspicionMs);
  await vi.advanceTimersByTimeAsync(10_000);
  patient.release();
  expect(prove).toHaveBeenCalledOnce();
  expect(gate.isStalled(performance.now() + stallMs - 1, stallMs)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
  expect(slot.end).not.toHaveBeenCalled();
});

it("asks for nothing where a request leaves soon", async () => {
  const { gate, prove } = watch();
  for (let round = 0; round < 5; round++) await waitInVain(gate, suspicionMs - 1);
  expect(prove).not.toHaveBeenCalled();
});

it("asks for nothing where another request moved while the first one waited", async () => {
  const { gate, prove } = watch();
  const [waiting, moving] = [gate.grant(0), gate.grant(0)];
  for (let second = 0; second < 60; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    moving.progressed();
  }
  waiting.release();
  expect(prove).not.toHaveBeenCalled();
});

it("asks for nothing where the client did not read", async () => {
  const { gate, prove } = watch();
  const slow = gate.grant(0);
  for (let second = 0; second < 60; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    slow.held();
  }
  slow.release();
  expect(prove).not.toHaveBeenCalled();
});

it("asks for nothing of an engine whose silence tells nothing", async () => {
  const { gate, prove } = watch({ stalls: false });
  await waitInVain(gate, stallMs);
  expect(prove).not.toHaveBeenCalled();
});

it("does not end an engine that works on a long prompt and lets everybody else wait", async () => {
  const { gate, slot, prove } = watch();
  await waitInVain(gate, suspicionMs);
  const long = gate.grant(0);
  // One batch of it takes nearly as long as a request may be silent.
  for (let batch = 0; batch < 5; batch++) {
    await waitInVain(gate, stallMs - 1_000);
    long.progressed();
  }
  expect(prove.mock.calls.length).toBeGreaterThan(1);
  expect(slot.end).not.toHaveBeenCalled();
});

it("does not end an engine that refuses the work: that is no hang", async () => {
  const { gate, slot } = watch({ work: () => Promise.reject(new Error("too many open files")) });
  await waitInVain(gate, suspicionMs);
  await vi.advanceTimersByTimeAsync(2 * stallMs);
  expect(slot.end).not.toHaveBeenCalled();
});

it("does not end the engine that took the place of a suspected one", async () => {
  const { gate, slot } = watch();
  await waitInVain(gate, suspicionMs);
  slot.gate = null;
  await vi.advanceTimersByTimeAsync(stallMs);
  expect(slot.end).not.toHaveBeenCalled();
});

it("asks an encoder, whose silence tells nothing, for a proof when a request has given it up", async () => {
  const { gate, slot, prove } = watch({ stalls: false });
  await waitInVain(gate, stallMs);
  expect(prove).not.toHaveBeenCalled();
  gate.grant(0).suspect("stalled");
  expect(prove).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(stallMs);
  expect(slot.end).toHaveBeenCalledWith(expect.stringContaining("not even a test"));
});

it("does not ask a remote for a proof, as nothing here can restart it", async () => {
  const { gate, prove } = watch({ stalls: false, pid: null });
  gate.grant(0).suspect("stalled");
  expect(prove).not.toHaveBeenCalled();
});
