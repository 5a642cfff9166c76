/** What the decisions about loading on demand know of a slot. */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../../lib/config/schema.ts";
import type { SlotStatus } from "../../../lib/slots/types.ts";
import { modelSettings } from "../engines/load-options.ts";
import type { Slot } from "../slot.ts";
import type { Wish } from "../state.ts";

export interface SlotFacts {
  port: number;
  status: SlotStatus;
  /** Who asked for what it runs, or will run when it is drained; null where nothing is wanted. */
  origin: Wish["origin"] | null;
  /** What it runs, starts, or last failed to run. */
  modelId: string | null;
  /** Requests had it loaded, and the operator wishes for it nowhere. */
  isGuest: boolean;
  /** Requests that run on it, or wait for its model. */
  requests: number;
  isPinned: boolean;
  /** Another server's model: it takes no memory here, and nothing could load it again on demand. */
  isRemote: boolean;
  /** When a request last began or ended on it, or when it became ready (monotonic); null where it is not ready. */
  lastUsedMs: number | null;
  /** The operator wishes for something here. */
  isReserved: boolean;
}

/** @param waiting requests in the line before its model */
export function factsOf(slot: Slot, waiting: number, config: Config): SlotFacts {
  const { port, state, planned, gate } = slot;
  const modelId = planned?.model.id ?? null;
  const { wish } = state;
  const isWished = () => Object.values(config.slots).some((one) => isDeepStrictEqual(one, wish?.request));
  return {
    port,
    status: state.status,
    origin: wish?.origin ?? null,
    modelId,
    isGuest: wish?.origin === "demand" && !isWished(),
    requests: (gate?.inFlight ?? 0) + waiting,
    isPinned: modelId !== null && modelSettings(config, modelId)?.pinned === true,
    isRemote: slot.running?.pid === null || wish?.request.remote !== undefined,
    lastUsedMs: gate?.lastUsedMs ?? null,
    isReserved: config.slots[port] != null,
  };
}
