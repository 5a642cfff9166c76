/** Files found on the disk, sorted into models, with the later parts of split ones behind the first, and projectors. */
import path from "node:path";
import type { KeptIds } from "./kept-ids.ts";
import type { ModelFile } from "./list-files.ts";
import { splitPart, splitSibling } from "./model-id.ts";
import { isProjectorName } from "./projector.ts";

export interface Shelf {
  /** By absolute path. */
  files: ReadonlyMap<string, ModelFile>;
  /** By their first or only file. Among them are projectors whose names do not say so. */
  models: readonly ModelFile[];
  /** Of the models, by absolute path. */
  ids: ReadonlyMap<string, string>;
  /** What lies in a folder, by its absolute path. */
  folders: ReadonlyMap<string, ShelfFolder>;
}

export interface ShelfFolder {
  models: ModelFile[];
  /** Those that are called so. */
  projectors: ModelFile[];
}

export function arrange(found: readonly ModelFile[], kept: KeptIds): Shelf {
  const files = new Map(found.map((file) => [file.file, file]));
  const folders = new Map<string, ShelfFolder>();
  const models: ModelFile[] = [];
  for (const file of found) {
    const folder = path.dirname(file.file);
    const inFolder = folders.get(folder) ?? { models: [], projectors: [] };
    folders.set(folder, inFolder);
    if (isProjectorName(file.file)) inFolder.projectors.push(file);
    else if (isFirst(file, files)) {
      inFolder.models.push(file);
      models.push(file);
    }
  }
  return { files, models, ids: kept.idsFor(models), folders };
}

/** Later parts stand behind the first; where the first is missing, the lowest one there stands in for it. */
function isFirst({ file }: ModelFile, files: ReadonlyMap<string, ModelFile>): boolean {
  const split = splitPart(file);
  for (let part = 1; split && part < split.part; part++)
    if (files.has(splitSibling(file, part))) return false;
  return true;
}

/** The files of a model that are there, in order, and in words what is missing. */
export function partsOf(first: ModelFile, { files }: Shelf): { present: ModelFile[]; error: string | null } {
  const split = splitPart(first.file);
  if (!split) return { present: [first], error: null };
  const wanted = Array.from({ length: split.parts }, (_, index) => splitSibling(first.file, index + 1));
  const present = wanted.flatMap((file) => files.get(file) ?? []);
  const missing = wanted.findIndex((file) => !files.has(file)) + 1;
  return { present, error: missing > 0 ? `Part ${missing} of ${split.parts} is missing.` : null };
}

/** The model file that a path belongs to: itself, or the first part of its split model. */
export function modelAt(file: string, { models, folders }: Shelf): ModelFile | null {
  const inFolder = folders.get(path.dirname(file))?.models ?? models;
  const split = splitPart(file);
  const isPart = ({ file: other }: ModelFile) =>
    other === file || (split !== null && splitSibling(other, 1) === splitSibling(file, 1));
  return inFolder.find(isPart) ?? null;
}
