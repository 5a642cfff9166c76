/** Slots and models as admins see and change them. */
import { bytesPerMegabyte } from "../bytes.ts";
import type { SlotSnapshot } from "../slots/types.ts";
import type { SlotActionReply, SlotReply } from "./schemas.ts";

export function slotReply(slot: SlotSnapshot): SlotReply {
  return {
    port: slot.port,
    status: slot.status,
    model_name: slot.modelName,
    model_type: slot.modelType,
    capabilities: [...slot.capabilities],
    ctx_size: slot.ctxSize,
    parallel: slot.parallel,
    threads: slot.threads,
    pid: slot.pid,
    ram_mb: slot.ramBytes === null ? null : Math.round(slot.ramBytes / bytesPerMegabyte),
    cpu_percent: slot.cpuPercent === null ? null : round(slot.cpuPercent, 1),
    uptime_s: slot.uptimeS,
    in_flight: slot.inFlight,
    queued: slot.queued,
    crashes: slot.crashes,
    max_crashes: slot.maxCrashes,
    warnings: [...slot.warnings],
    ...(slot.error !== null && { error: slot.error }),
    ...(slot.cause !== null && { cause: slot.cause, next_step: slot.nextStep }),
  };
}

/** What came of an action on a slot. */
export function slotActionReply(status: SlotActionReply["status"], slot: SlotSnapshot): SlotActionReply {
  const { port, modelName, modelType, pid } = slot;
  return { status, slot: port, model: modelName, model_type: modelType, pid };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
