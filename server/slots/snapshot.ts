/** What the admin sees of a slot. */
import { modelName } from "../../lib/models/model-id.ts";
import type { LoadRequest, SlotSnapshot } from "../../lib/slots/types.ts";
import type { Usage } from "./process-usage.ts";
import type { Slot } from "./slot.ts";

export function describeSlot(slot: Slot, queued: number, usage: Usage | undefined): SlotSnapshot {
  const { state, planned, expected, running } = slot;
  const isEmpty = state.status === "empty";
  return {
    port: slot.port,
    status: state.status,
    modelName: planned?.model.id ?? expected?.model.id ?? nameIn(state.wish?.request),
    files: [...(planned?.files ?? []), ...(expected?.files ?? [])],
    modelType: planned?.model.type ?? null,
    capabilities: planned?.model.capabilities ?? [],
    ctxSize: planned?.ctxSize ?? null,
    parallel: planned && Number.isFinite(planned.parallel) ? planned.parallel : null,
    threads: planned?.threads ?? null,
    pid: slot.pid,
    ramBytes: usage?.ramBytes ?? null,
    cpuPercent: usage?.cpuPercent ?? null,
    cpuTimeS: usage?.cpuTimeS ?? null,
    uptimeS: state.readyAtMs === null ? null : Math.floor((performance.now() - state.readyAtMs) / 1000),
    inFlight: slot.gate?.inFlight ?? 0,
    queued,
    crashes: state.crashes,
    maxCrashes: slot.services.timings.restart.maxCrashes,
    error: state.failure?.message ?? null,
    cause: state.failure?.cause ?? null,
    nextStep: state.failure?.nextStep ?? null,
    warnings: isEmpty ? [] : [...(planned?.warnings ?? []), ...(running?.warnings ?? [])],
  };
}

/** Until the file was looked at, its name is all there is. */
export function nameIn(request: LoadRequest | undefined): string | null {
  if (request?.model_path !== undefined) return modelName(request.model_path);
  return request?.remote?.model ?? null;
}
