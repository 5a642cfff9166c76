/** The GGUF files of a repository as what they are: models, whole or split, and the projectors beside them. */
import { posix } from "node:path";
import { modelName, mostParts, partNames, splitPart } from "../models/model-id.ts";
import { isProjectorName, projectorFor } from "../models/projector.ts";
import { baseModelName, quantizationOf } from "./quantization.ts";
import type { HubEntry, HubFile, HubListing } from "./types.ts";

/** Groups a repository's files: the smallest entry first. */
export function listEntries(files: readonly HubFile[]): HubListing {
  const projectors = files.filter(({ path }) => isProjectorName(path));
  const entries = [...groupParts(files.filter((file) => !projectors.includes(file))).values()].map(entryOf);
  const alone = new Set(entries.map(({ path }) => baseModelName(path).toLowerCase())).size === 1;
  const paths = projectors.map(({ path }) => path);
  return {
    entries: entries
      .map((entry) => ({ ...entry, projector: projectorFor(entry.path, paths, alone) }))
      .sort((a, b) => a.sizeBytes - b.sizeBytes || a.name.localeCompare(b.name)),
    projectors: projectors.map((file) => ({
      ...file,
      quantization: quantizationOf(file.path),
      belongsTo: entries
        .filter(({ path }) => projectorFor(path, [file.path], alone) !== null)
        .map(({ name }) => name),
    })),
  };
}

/** Name of the entry that a file is of, or would be. */
export function entryName(path: string): string {
  const folder = posix.dirname(path);
  return (folder === "." ? "" : `${folder}/`) + modelName(path);
}

function groupParts(files: readonly HubFile[]): Map<string, HubFile[]> {
  const groups = new Map<string, HubFile[]>();
  for (const file of files) {
    const parts = splitPart(file.path)?.parts ?? 0;
    // A name that promises thousands is no model's.
    if (parts > mostParts) continue;
    // Parts of another count are another model, even under the same name.
    const key = `${entryName(file.path)} ${parts}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return groups;
}

function entryOf(files: readonly HubFile[]): Omit<HubEntry, "projector"> {
  const sorted = files.toSorted((a, b) => (splitPart(a.path)?.part ?? 0) - (splitPart(b.path)?.part ?? 0));
  const path = sorted[0]?.path ?? "";
  const present = new Set(sorted.map((file) => file.path));
  const missingParts = partNames(path).flatMap((name, index) => (present.has(name) ? [] : index + 1));
  return {
    name: entryName(path),
    quantization: quantizationOf(path),
    path,
    files: sorted,
    sizeBytes: sorted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    missingParts,
  };
}
