/** Which files an engine needs. */
import { realpath } from "node:fs/promises";
import { partNames } from "../../../lib/models/model-id.ts";

/**
 * The files with all their parts, and those that links among them lead to: without either the engine could not be
 * started again.
 * @param named absolute; null and undefined where there is none
 */
export async function engineFiles(named: readonly (string | null | undefined)[]): Promise<string[]> {
  const files = named.filter((file) => file !== null && file !== undefined).flatMap(partNames);
  const targets = await Promise.all(files.map((file) => realpath(file).catch(() => file)));
  return [...new Set([...files, ...targets])];
}
