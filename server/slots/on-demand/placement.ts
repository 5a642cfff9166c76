/** Where a model goes that a request asks for, and what has to make room. Decisions only; on-demand.ts carries them out. */
import type { SlotFacts } from "./facts.ts";

/** Load it into `port` when the slots of `unload` are empty. */
export interface Placement {
  port: number;
  unload: readonly number[];
}

export interface Choices {
  /** From the one that disturbs least: the first one that memory allows is taken. */
  placements: readonly Placement[];
  /** Ports of slots that run something, and are empty later or could be emptied: no more memory can be had than theirs. */
  emptiable: readonly number[];
  /** How many slots it could be in, now or later. */
  places: number;
  /** There may be room later: a slot is busy now that could be emptied then, or its engine is about to end. */
  mayWait: boolean;
}

export interface PlacementRules {
  /**
   * All models that nobody uses may be unloaded, those first that were not used for longest. Otherwise only those that
   * requests had loaded: what the operator did not ask for must not keep others out.
   */
  evict: boolean;
  /** The slot that the operator wants this model in; null where there is none. */
  ownPort: number | null;
}

export function choosePlacement(slots: readonly SlotFacts[], { evict, ownPort }: PlacementRules): Choices {
  const [free] = slots.filter(isFree).toSorted((a, b) => rank(a, ownPort) - rank(b, ownPort));
  const movable = slots.filter((slot) => isMovable(slot) && (evict || slot.isGuest));
  const idle = movable.filter(isEvictable).toSorted(byLastUse);
  const ending = slots.filter(isEnding);
  const placements: Placement[] = free ? [{ port: free.port, unload: [] }] : [];
  const unload: number[] = [];
  for (const slot of idle) {
    unload.push(slot.port);
    placements.push({ port: free?.port ?? unload[0] ?? slot.port, unload: [...unload] });
  }
  return {
    placements,
    emptiable: [...movable, ...ending].map(({ port }) => port),
    places: movable.length + slots.filter(isFree).length,
    mayWait: movable.length > idle.length || ending.length > 0,
  };
}

/** Nothing runs in it, and nothing is wanted in it but by requests whose load has failed. */
export function isFree(slot: SlotFacts): boolean {
  if (slot.status === "failed") return slot.origin === "demand";
  return slot.status === "empty" || isEnding(slot);
}

/** Its engine still holds memory, and nothing follows it. */
function isEnding({ status, origin }: SlotFacts): boolean {
  return status === "draining" && origin === null;
}

/** It can be unloaded now without anybody noticing. */
export function isEvictable(slot: SlotFacts): boolean {
  return isMovable(slot) && slot.status === "ready" && slot.requests === 0;
}

/** It runs, or will, what could be loaded again on demand. */
function isMovable({ status, origin, isPinned, isRemote }: SlotFacts): boolean {
  const isThere = status === "ready" || status === "starting" || status === "crashed";
  if (origin === "trial") return false; // Not what could be loaded again, and gone in a moment.
  return (isThere || (status === "draining" && origin !== null)) && !isPinned && !isRemote;
}

/** Its own slot first; then those that the operator has no wish for, so that his models find their places again. */
function rank(slot: SlotFacts, ownPort: number | null): number {
  if (slot.port === ownPort && slot.status !== "draining") return 0;
  const isWaitedFor = slot.status === "draining" ? 4 : 0;
  return 1 + isWaitedFor + (slot.isReserved ? 2 : 0) + (slot.status === "failed" ? 1 : 0);
}

function byLastUse(a: SlotFacts, b: SlotFacts): number {
  return (a.lastUsedMs ?? 0) - (b.lastUsedMs ?? 0);
}
