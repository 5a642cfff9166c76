/** Finds the GGUF files in the models folder and the extra folders. */
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { isAllowedTarget, type ModelFolders } from "./model-path.ts";

const maxDepth = 8;
const maxFiles = 5_000;

export interface ModelFile {
  /** Absolute. */
  file: string;
  /** Below the folder it was found in (an extra folder's own name in front), with `/` between the parts. */
  relative: string;
  sizeBytes: number;
  modifiedMs: number;
}

/** All GGUF files, at most 5,000, eight folders deep. Links count where they lead to an allowed folder. */
export async function listModelFiles(folders: ModelFolders): Promise<ModelFile[]> {
  const found: ModelFile[] = [];
  await walk(folders.modelsDir, "", 0, folders, found);
  for (const extra of folders.extra) await walk(extra, `${path.basename(extra)}/`, 0, folders, found);
  return found;
}

async function walk(
  folder: string,
  prefix: string,
  depth: number,
  folders: ModelFolders,
  found: ModelFile[],
): Promise<void> {
  if (depth > maxDepth) return;
  // A folder that is not there (yet), or that we may not read, holds no models.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    if (found.length >= maxFiles) return;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await walk(file, `${prefix}${entry.name}/`, depth + 1, folders, found);
    else if (/\.gguf$/i.test(entry.name)) await add(file, `${prefix}${entry.name}`, folders, found);
  }
}

async function add(file: string, relative: string, folders: ModelFolders, found: ModelFile[]): Promise<void> {
  const target = await realpath(file).catch(() => null);
  if (target === null || !(await isAllowedTarget(target, folders))) return;
  const facts = await stat(target).catch(() => null);
  if (!facts?.isFile()) return;
  found.push({ file, relative, sizeBytes: facts.size, modifiedMs: facts.mtimeMs });
}
