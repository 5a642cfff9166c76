/** Turns on an engine for work that nobody waits for: last in every line, and given up as soon as a client waits. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../lib/errors.ts";
import type { Lease, WaitingRequest } from "../../lib/slots/types.ts";
import type { MeasuredEngine } from "../slots/trials.ts";

/** Below that of any tier. */
const lowestPriority = Number.MIN_SAFE_INTEGER;
/** The gateway's own requests belong to no user and no key, and leave no usage row. */
const nobody = { userId: 0, keyId: 0 };
const pollMs = 100;

export interface TurnOptions extends Pick<WaitingRequest, "requestId" | "endpoint"> {
  sequences: number;
  signal: AbortSignal;
  /** When it may begin, as when nobody else uses the engine. */
  isFree(): boolean;
  /** For how long it has to be free before. */
  quietMs: number;
  /** It was free for that long already: only after giving way it has to be so again. */
  isQuiet: boolean;
  /** How long to wait for that. */
  patienceMs: number;
  /** How often to begin again after giving way. */
  repeats: number;
  /** Give way also to requests that there would be room for, and when there is more to do than this one. */
  alone: { isCrowded(): boolean } | null;
}

export interface Turn<Value> {
  value: Value;
  /** Requests of others that were let through meanwhile. */
  others: number;
  /** How often it gave way and began again. */
  repeated: number;
}

/** It gave way more often than it may. */
export class GaveWay extends GatewayError {
  constructor({ port }: MeasuredEngine) {
    super("conflict", `Slot ${port} has too much to do for this. Try again when it is quiet.`);
  }
}

/**
 * Does the work when the engine is idle.
 * @param work is given a signal that aborts when it has to give way
 * @throws GatewayError when the engine is busy for too long or gone; what `work` throws; the signal's reason
 */
export async function takeTurn<Value>(
  engine: MeasuredEngine,
  options: TurnOptions,
  work: (lease: Lease, signal: AbortSignal) => Promise<Value>,
): Promise<Turn<Value>> {
  const { requestId, endpoint, sequences, signal, repeats, alone } = options;
  for (let repeated = 0; ; repeated++) {
    await untilFree(engine, repeated === 0 && options.isQuiet ? { ...options, quietMs: 0 } : options);
    const yielding = new AbortController();
    let others = 0;
    const onOther = (waits: boolean) => {
      if (waits || alone) yielding.abort();
      else others++;
    };
    const request = { ...nobody, requestId, endpoint };
    const lease = await engine.lease({
      keyId: nobody.keyId,
      priority: lowestPriority,
      sequences,
      signal,
      request,
      onOther,
    });
    const watching = alone && setInterval(() => alone.isCrowded() && yielding.abort(), pollMs);
    try {
      const value = await work(lease, AbortSignal.any([signal, yielding.signal]));
      return { value, others, repeated };
    } catch (error) {
      signal.throwIfAborted();
      if (!yielding.signal.aborted) throw error;
      if (repeated >= repeats) throw new GaveWay(engine);
    } finally {
      if (watching) clearInterval(watching);
      lease.release();
    }
  }
}

async function untilFree(engine: MeasuredEngine, options: TurnOptions): Promise<void> {
  const { signal, isFree, quietMs, patienceMs } = options;
  const deadlineMs = performance.now() + patienceMs;
  let freeSinceMs: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const nowMs = performance.now();
    freeSinceMs = isFree() ? (freeSinceMs ?? nowMs) : null;
    if (freeSinceMs !== null && nowMs - freeSinceMs >= quietMs) return;
    if (nowMs >= deadlineMs) throw new GaveWay(engine);
    await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
