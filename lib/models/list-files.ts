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
  /** Where it really lies, which is elsewhere for a link. */
  target: string;
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
  await walk(await placeOf(folders.modelsDir), "", 0, search);
  for (const [index, extra] of folders.extra.entries())
    await walk(await placeOf(extra), `${nameAmong(folders.extra, index)}/`, 0, search);
  return search.found;
}

/** A folder as it was named, and as it really is. Links to folders are not followed below the first. */
interface Place {
  named: string;
  real: string;
}

async function placeOf(folder: string): Promise<Place> {
  return { named: folder, real: await realpath(folder).catch(() => folder) };
}

function below({ named, real }: Place, ...names: string[]): Place {
  return { named: path.join(named, ...names), real: path.join(real, ...names) };
}

/** An extra folder's own name, with a number where an earlier one has it too. */
function nameAmong(extra: readonly string[], index: number): string {
  const names = extra.map((folder) => path.basename(folder));
  const alike = names.slice(0, index).filter((name) => name === names[index]).length;
  return alike === 0 ? `${names[index]}` : `${names[index]}-${alike + 1}`;
}

async function walk(folder: Place, prefix: string, depth: number, search: Search): Promise<void> {
  if (depth > maxDepth) return;
  const entries = await entriesOf(folder.named);
  // What begins with a dot is no model: macOS puts `._model.gguf` beside each file on foreign disks.
  const names = entries.filter(({ name }) => isModelFileName(name) && !name.startsWith("."));
  const files = await Promise.all(
    names.map((entry) => look(entry, below(folder, entry.name), prefix, search)),
  );
  for (const file of files) if (file && search.found.length < maxFiles) search.found.push(file);
  for (const entry of entries) {
    if (search.found.length >= maxFiles) return;
    if (!entry.isDirectory()) continue;
    const inner = below(folder, entry.name);
    if (entry.name.startsWith("models--")) await walkHubRepository(inner, prefix, depth + 1, search);
    else await walk(inner, `${prefix}${entry.name}/`, depth + 1, search);
  }
}

/**
 * Hugging Face's cache keeps a repository as `models--org--name/snapshots/REVISION/file`, links to `blobs/`. Its models
 * are told apart by the repository's name, and by a revision only where that is not the newest.
 */
async function walkHubRepository(
  folder: Place,
  prefix: string,
  depth: number,
  search: Search,
): Promise<void> {
  const repository = path
    .basename(folder.named)
    .replace(/^models--/, "")
    .replaceAll("--", "/");
  const newest = await readFile(path.join(folder.named, "refs", "main"), "utf8").catch(() => "");
  const revisions = (await entriesOf(path.join(folder.named, "snapshots"))).map(({ name }) => name);
  revisions.sort((a, b) => Number(b === newest.trim()) - Number(a === newest.trim()));
  for (const [index, revision] of revisions.entries()) {
    const own = index === 0 ? `${prefix}${repository}/` : `${prefix}${repository}/${revision.slice(0, 8)}/`;
    await walk(below(folder, "snapshots", revision), own, depth + 2, search);
  }
}

/** In the order of their names. A folder that is not there (yet), or that we may not read, holds no models. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function look(
  entry: Dirent,
  { named: file, real }: Place,
  prefix: string,
  { roots, seen }: Search,
): Promise<ModelFile | null> {
  const target = entry.isSymbolicLink() ? await targetOf(file, roots) : real;
  const key = `${entry.name} ${target}`;
  if (target === null || seen.has(key)) return null;
  seen.add(key);
  const facts = await stat(target).catch(() => null);
  if (!facts?.isFile()) return null;
  const relative = `${prefix}${entry.name}`;
  return { file, relative, target, sizeBytes: facts.size, modifiedMs: facts.mtimeMs };
}

/** Where a link leads; null where that is nowhere, or a place that models are not to come from. */
async function targetOf(link: string, roots: readonly string[]): Promise<string | null> {
  const target = await realpath(link).catch(() => null);
  return target !== null && roots.some((root) => contains(root, target)) ? target : null;
}
