/** What uploads leave behind when the gateway is killed: nobody goes on with them. */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { isModelFileName } from "./model-files.ts";

/** Of an upload that is not complete. */
export const uploadSuffix = ".upload.part";

/**
 * Removes unfinished uploads. Only for the process that has the data folder, and before it takes uploads. Links stay, and so
 * does what lies deeper: uploads have no folders.
 * @param modelsDir absolute; need not be there
 * @returns the names of what was removed
 */
export async function removeAbandonedUploads(modelsDir: string): Promise<string[]> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  const left = entries.filter(
    (entry) =>
      entry.isFile() &&
      entry.name.endsWith(uploadSuffix) &&
      isModelFileName(entry.name.slice(0, -uploadSuffix.length)),
  );
  const removed: string[] = [];
  for (const { name } of left) {
    // One that cannot be removed is no reason not to start; the next upload of that name tells of it.
    const isGone = await rm(path.join(modelsDir, name)).then(
      () => true,
      () => false,
    );
    if (isGone) removed.push(name);
  }
  return removed;
}
