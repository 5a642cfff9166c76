/** Files found on the disk, sorted into models, with the later parts of split ones behind the first, and projectors. */
import path from "node:path";
import type { KeptIds } from "./kept-ids.ts";
import type { ModelFile } from "./list-files.ts";
import { mostParts, splitPart, splitSibling } from "./model-id.ts";
import { isProjectorName } from "./projector.ts";

export interface Shelf {
  /** By absolute path. */
  files: ReadonlyMap<string, ModelFile>;
  /** The parts of split models that are there, in order, by the path of their first part. */
  parts: ReadonlyMap<string, readonly Part[]>;
  /** By their first or only file. Among them are projectors whose names do not say so. */
  models: readonly ModelFile[];
  /** Of the models, by absolute path. */
  ids: ReadonlyMap<string, string>;
  /** What lies in a folder, by its absolute path. */
  folders: ReadonlyMap<string, ShelfFolder>;
}

interface Part {
  file: ModelFile;
  /** From 1. */
  number: number;
}

export interface ShelfFolder {
  models: ModelFile[];
  /** Those that are called so. */
  projectors: ModelFile[];
}

export function arrange(found: readonly ModelFile[], kept: KeptIds): Shelf {
  const files = new Map(found.map((file) => [file.file, file]));
  const parts = groupParts(found);
  const folders = new Map<string, ShelfFolder>();
  const models: ModelFile[] = [];
  for (const file of found) {
    const folder = path.dirname(file.file);
    const inFolder = folders.get(folder) ?? { models: [], projectors: [] };
    folders.set(folder, inFolder);
    if (isProjectorName(file.file)) inFolder.projectors.push(file);
    else if (isFirst(file, parts)) {
      inFolder.models.push(file);
      models.push(file);
    }
  }
  return { files, parts, models, ids: kept.idsFor(models), folders };
}

/** By what is there, as a name may promise any number of parts. */
function groupParts(found: readonly ModelFile[]): Map<string, Part[]> {
  const groups = new Map<string, Part[]>();
  for (const file of found) {
    const number = splitPart(file.file)?.part;
    if (number === undefined) continue;
    const first = splitSibling(file.file, 1);
    const group = groups.get(first) ?? [];
    groups.set(first, group);
    group.push({ file, number });
  }
  for (const group of groups.values()) group.sort((a, b) => a.number - b.number);
  return groups;
}

/** Later parts stand behind the first; where the first is missing, the lowest one there stands in for it. */
function isFirst(file: ModelFile, parts: Shelf["parts"]): boolean {
  return splitPart(file.file) === null || parts.get(splitSibling(file.file, 1))?.[0]?.file === file;
}

/** The files of a model that are there, in order, and in words what is missing. */
export function partsOf(first: ModelFile, { parts }: Shelf): { present: ModelFile[]; error: string | null } {
  const split = splitPart(first.file);
  if (!split) return { present: [first], error: null };
  const there = parts.get(splitSibling(first.file, 1)) ?? [];
  const present = there.map(({ file }) => file);
  if (split.parts > mostParts)
    return {
      present,
      error: `Its name promises ${split.parts} parts, and no model has more than ${mostParts}.`,
    };
  const gap = there.findIndex(({ number }, index) => number !== index + 1);
  const missing = (gap < 0 ? there.length : gap) + 1;
  return { present, error: missing <= split.parts ? `Part ${missing} of ${split.parts} is missing.` : null };
}

/** The model file that a path belongs to: itself, or the first part of its split model. */
export function modelAt(file: string, { files, parts, folders }: Shelf): ModelFile | null {
  const first = splitPart(file) ? parts.get(splitSibling(file, 1))?.[0]?.file : files.get(file);
  const inFolder = folders.get(path.dirname(file))?.models ?? [];
  return inFolder.find((model) => model === first) ?? null;
}
