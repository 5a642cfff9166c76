/** Finds the model files in the models folder and the extra folders. */
import type { Dirent } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { isModelFileName } from "./model-files.ts";
import { allowedRoots, contains, type ModelFolders } from "./model-path.ts";

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

/** A look at the disk that is under way. */
interface Search {
  /** Where links may lead. */
  roots: readonly string[];
  found: ModelFile[];
  /** Real paths with the names they were found by: caches link the same file from several places. */
  seen: Set<string>;
}

/**
 * All model files, at most 5,000, eight folders deep. Links to files count where they lead to an allowed folder; what is
 * found by the same name twice counts once. Costs a few system calls a file: headers are not read.
 */
export async function listModelFiles(folders: ModelFolders): Promise<ModelFile[]> {
  const search: Search = { roots: await allowedRoots(folders), found: [], seen: new Set() };
  await walk(folders.modelsDir, "", 0, search);
  for (const [index, extra] of folders.extra.entries())
    await walk(extra, `${nameAmong(folders.extra, index)}/`, 0, search);
  return search.found;
}

/** An extra folder's own name, with a number where an earlier one has it too. */
function nameAmong(extra: readonly string[], index: number): string {
  const names = extra.map((folder) => path.basename(folder));
  const alike = names.slice(0, index).filter((name) => name === names[index]).length;
  return alike === 0 ? `${names[index]}` : `${names[index]}-${alike + 1}`;
}

async function walk(folder: string, prefix: string, depth: number, search: Search): Promise<void> {
  if (depth > maxDepth) return;
  const entries = await entriesOf(folder);
  // What begins with a dot is no model: macOS puts `._model.gguf` beside each file on foreign disks.
  const names = entries.filter(({ name }) => isModelFileName(name) && !name.startsWith("."));
  const files = await Promise.all(
    names.map((entry) => look(entry, path.join(folder, entry.name), prefix, search)),
  );
  for (const file of files) if (file && search.found.length < maxFiles) search.found.push(file);
  for (const entry of entries) {
    if (search.found.length >= maxFiles) return;
    if (!entry.isDirectory()) continue;
    const below = path.join(folder, entry.name);
    if (entry.name.startsWith("models--")) await walkHubRepository(below, prefix, depth + 1, search);
    else await walk(below, `${prefix}${entry.name}/`, depth + 1, search);
  }
}

/**
 * Hugging Face's cache keeps a repository as `models--org--name/snapshots/REVISION/file`, links to `blobs/`. Its models
 * are told apart by the repository's name, and by a revision only where that is not the newest.
 */
async function walkHubRepository(
  folder: string,
  prefix: string,
  depth: number,
  search: Search,
): Promise<void> {
  const repository = path
    .basename(folder)
    .replace(/^models--/, "")
    .replaceAll("--", "/");
  const newest = await readFile(path.join(folder, "refs", "main"), "utf8").catch(() => "");
  const revisions = (await entriesOf(path.join(folder, "snapshots"))).map(({ name }) => name);
  revisions.sort((a, b) => Number(b === newest.trim()) - Number(a === newest.trim()));
  for (const [index, revision] of revisions.entries()) {
    const below = index === 0 ? `${prefix}${repository}/` : `${prefix}${repository}/${revision.slice(0, 8)}/`;
    await walk(path.join(folder, "snapshots", revision), below, depth + 2, search);
  }
}

/** In the order of their names. A folder that is not there (yet), or that we may not read, holds no models. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function look(
  entry: Dirent,
  file: string,
  prefix: string,
  { roots, seen }: Search,
): Promise<ModelFile | null> {
  const target = await realpath(file).catch(() => null);
  if (target === null || !roots.some((root) => contains(root, target))) return null;
  const key = `${entry.name} ${target}`;
  if (seen.has(key)) return null;
  seen.add(key);
  const facts = await stat(target).catch(() => null);
  if (!facts?.isFile()) return null;
  return { file, relative: `${prefix}${entry.name}`, sizeBytes: facts.size, modifiedMs: facts.mtimeMs };
}
