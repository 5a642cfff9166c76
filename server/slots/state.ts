/** The state of one slot and how it changes: decisions only, effects are in slot.ts. */
import type { LoadRequest, SlotStatus } from "../../lib/slots/types.ts";
import type { Diagnosis } from "./doctor/facts.ts";
import type { FailureKind } from "./engines/engine.ts";

/** What a slot shall run. */
export interface Wish {
  request: LoadRequest;
  /** An operator waits for the answer, or the clients of a model do; the configuration can wait until it works. */
  origin: "operator" | "demand" | "config";
}

export interface SlotState {
  status: SlotStatus;
  /** What runs or shall run; while draining: what comes next. */
  wish: Wish | null;
  /** Counts starts: what an earlier engine still reports is ignored. */
  generation: number;
  /** The wish has been ready since it was made. */
  wasReady: boolean;
  /** Monotonic. */
  readyAtMs: number | null;
  /** Crashes in a row. */
  crashes: number;
  /** Monotonic; set while crashed. */
  retryAtMs: number | null;
  /** Why it crashed last, or failed; null once it is ready again. */
  failure: Failure | null;
}

/** What decides about the next start, and the doctor's words. */
export interface Failure extends Diagnosis {
  kind: FailureKind;
}

export type SlotEvent =
  | { kind: "want"; wish: Wish | null }
  | { kind: "ready"; generation: number }
  /** The engine ended by itself, or its start failed: nothing of it is left. */
  | { kind: "ended"; generation: number; failure: Failure }
  /** It was stopped because it should. */
  | { kind: "stopped"; generation: number }
  | { kind: "retry"; generation: number };

export type Effect =
  | { kind: "start"; generation: number; wish: Wish }
  /** Drain, then stop. A start under way is given up. */
  | { kind: "stop"; generation: number }
  | { kind: "retry"; generation: number; afterMs: number };

export interface RestartPolicy {
  /** Crashes in a row until a slot is `failed`. */
  maxCrashes: number;
  /** Wait after the first crash; it doubles with each one. */
  firstBackoffMs: number;
  maxBackoffMs: number;
  /** Once ready for this long, earlier crashes are forgotten. */
  healthyAfterMs: number;
}

export const restartPolicy: RestartPolicy = {
  maxCrashes: 5,
  firstBackoffMs: 1_000,
  maxBackoffMs: 30_000,
  healthyAfterMs: 60_000,
};

export const emptySlot: SlotState = {
  status: "empty",
  wish: null,
  generation: 0,
  wasReady: false,
  readyAtMs: null,
  crashes: 0,
  retryAtMs: null,
  failure: null,
};

/** What happens next; an event that does not concern this state changes nothing. */
export function transition(
  state: SlotState,
  event: SlotEvent,
  nowMs: number,
  policy: RestartPolicy,
): { state: SlotState; effect: Effect | null } {
  if (event.kind === "want") return want(state, event.wish);
  if (event.generation !== state.generation) return unchanged(state);
  switch (event.kind) {
    case "ready":
      if (state.status !== "starting") return unchanged(state);
      return settled({ ...state, status: "ready", wasReady: true, readyAtMs: nowMs, failure: null });
    case "stopped":
      return state.status === "draining" ? next(state) : unchanged(state);
    case "ended":
      if (state.status === "draining") return next(state);
      return state.status === "starting" || state.status === "ready"
        ? afterFailure(state, event.failure, nowMs, policy)
        : unchanged(state);
    case "retry":
      return state.status === "crashed" && state.wish ? start(state, state.wish) : unchanged(state);
  }
}

/** A new wish counts from the beginning, also where it is the old one once more (a restart). */
function want(state: SlotState, wish: Wish | null): { state: SlotState; effect: Effect | null } {
  if (state.status === "draining") return settled({ ...state, wish });
  if (state.status === "starting" || state.status === "ready") {
    const effect: Effect = { kind: "stop", generation: state.generation };
    return { state: { ...state, status: "draining", wish, readyAtMs: null }, effect };
  }
  return next({ ...state, wish });
}

/** Nothing runs: start what is wanted. */
function next(state: SlotState): { state: SlotState; effect: Effect | null } {
  const fresh = { ...emptySlot, generation: state.generation };
  return state.wish ? start(fresh, state.wish) : settled({ ...fresh, generation: fresh.generation + 1 });
}

function start(state: SlotState, wish: Wish): { state: SlotState; effect: Effect } {
  const generation = state.generation + 1;
  const starting: SlotState = { ...state, status: "starting", wish, generation, retryAtMs: null };
  return { state: starting, effect: { kind: "start", generation, wish } };
}

function afterFailure(
  state: SlotState,
  failure: Failure,
  nowMs: number,
  policy: RestartPolicy,
): { state: SlotState; effect: Effect | null } {
  const wasHealthy = state.readyAtMs !== null && nowMs - state.readyAtMs >= policy.healthyAfterMs;
  const crashes = wasHealthy ? 1 : state.crashes + 1;
  const ended = { ...state, crashes, readyAtMs: null, failure };
  if (isHopeless(state, failure) || (failure.kind !== "unreachable" && crashes >= policy.maxCrashes))
    return settled({ ...ended, status: "failed" });
  const afterMs = backoffMs(crashes, policy);
  const crashed: SlotState = { ...ended, status: "crashed", retryAtMs: nowMs + afterMs };
  return { state: crashed, effect: { kind: "retry", generation: state.generation, afterMs } };
}

/**
 * What never worked will not work by itself, and an operator who waits gets an answer. A wish of the configuration is
 * tried again: at boot, the port may still be held by a dying engine, and a remote may come up later. What clients ask for
 * is tried again when they ask again, after a while.
 */
function isHopeless({ wasReady, wish }: SlotState, { kind }: Failure): boolean {
  if (wasReady) return false;
  if (wish?.origin === "demand") return true;
  if (kind === "killed") return false;
  return kind === "unsuitable" || wish?.origin === "operator";
}

/** How long to wait before the next start, in milliseconds. */
export function backoffMs(crashes: number, { firstBackoffMs, maxBackoffMs }: RestartPolicy): number {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** (crashes - 1));
}

function settled(state: SlotState): { state: SlotState; effect: null } {
  return { state, effect: null };
}

const unchanged = settled;
