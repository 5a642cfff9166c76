/** Past runs as admins see them. */
import { bytesPerMegabyte } from "../bytes.ts";
import type { SlotRun } from "../data/slot-runs.ts";
import type { SlotRunReply } from "./schemas/slot-runs.ts";

export function slotRunReply(run: SlotRun): SlotRunReply {
  const { startedAtMs, readyAtMs, endedAtMs, memoryBytes } = run;
  return {
    id: run.id,
    model: run.modelId,
    started_at: time(startedAtMs),
    ready_at: readyAtMs === null ? null : time(readyAtMs),
    ended_at: endedAtMs === null ? null : time(endedAtMs),
    load_ms: readyAtMs === null ? null : readyAtMs - startedAtMs,
    memory_mb: memoryBytes === null ? null : Math.round(memoryBytes / bytesPerMegabyte),
    cause: run.cause,
    message: run.message,
    settings: JSON.parse(run.settings) as Record<string, unknown>,
    last_lines: run.lastLines,
  };
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}
