/** Which models are unloaded because nobody asks for them. */
import type { Config } from "../../../lib/config/schema.ts";
import { modelSettings } from "../engines/load-options.ts";
import type { SlotFacts } from "./facts.ts";
import { isEvictable } from "./placement.ts";

/**
 * The ports of slots that have been idle for long enough. Where nothing would load them again, none are.
 * @param nowMs monotonic
 */
export function idlePorts(slots: readonly SlotFacts[], config: Config, nowMs: number): number[] {
  if (!config.auto_load.enabled) return [];
  return slots.filter((slot) => isEvictable(slot) && isIdle(slot, config, nowMs)).map(({ port }) => port);
}

function isIdle({ modelId, lastUsedMs }: SlotFacts, config: Config, nowMs: number): boolean {
  if (modelId === null || lastUsedMs === null) return false;
  const limitS = modelSettings(config, modelId)?.idle_unload_s ?? config.idle_unload_s;
  return limitS > 0 && nowMs - lastUsedMs >= limitS * 1000;
}
