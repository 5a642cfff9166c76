/** Which slots need a file: those that run or start it, and those whose wish names it. */
import path from "node:path";
import type { Config } from "../config/schema.ts";
import type { SlotSnapshot } from "../slots/types.ts";

/**
 * Ports of the slots that need one of the files, ascending.
 * @param files absolute
 */
export function slotsThatNeed(
  files: readonly string[],
  slots: readonly SlotSnapshot[],
  config: Pick<Config, "slots">,
  modelsDir: string,
): number[] {
  const runs = (slot: SlotSnapshot) => slot.files.some((file) => files.includes(file));
  return slots
    .filter((slot) => runs(slot) || names(config.slots[slot.port], files, modelsDir))
    .map(({ port }) => port)
    .sort((one, other) => one - other);
}

/** True where a text anywhere in the value is the path of one of the files: a model, a projector, a draft model. */
export function names(value: unknown, files: readonly string[], modelsDir: string): boolean {
  if (typeof value === "string") return files.includes(path.resolve(modelsDir, value));
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => names(inner, files, modelsDir));
}
