/** How a model is called in requests, prices and usage rows. */
import { basename } from "node:path";
import type { ModelFile } from "./list-files.ts";

/** `-00001-of-00003`, as llama.cpp names the parts of a split model. */
const splitSuffix = /-(\d{5})-of-(\d{5})$/;

/** More than any model has: a name may promise 99,999, and cost as much time for each look at it. */
export const mostParts = 1_000;

/** The part of a split model that a file name stands for, or null for a whole file. Parts count from 1. */
export function splitPart(fileName: string): { part: number; parts: number } | null {
  const match = splitSuffix.exec(withoutExtension(fileName));
  const [part, parts] = [Number(match?.[1]), Number(match?.[2])];
  return part >= 1 && part <= parts ? { part, parts } : null;
}

/** The file name of another part of the same split model. */
export function splitSibling(fileName: string, part: number): string {
  const extension = fileName.slice(withoutExtension(fileName).length);
  const number = String(part).padStart(5, "0");
  return withoutExtension(fileName).replace(splitSuffix, `-${number}-of-$2`) + extension;
}

/**
 * The file names of all parts of its model, in order. Of a whole file its own, and also of one whose name promises more
 * parts than a model has.
 */
export function partNames(fileName: string): string[] {
  const split = splitPart(fileName);
  if (!split || split.parts > mostParts) return [fileName];
  return Array.from({ length: split.parts }, (_, index) => splitSibling(fileName, index + 1));
}

/** Name of a model file alone: without folder, `.gguf` (or the `.bin` of whisper.cpp's files) and split suffix. */
export function modelName(file: string): string {
  return withoutExtension(basename(file).replace(/^(ggml-.*)\.bin$/i, "$1")).replace(splitSuffix, "");
}

/**
 * Ids for files. Where two names are alike, regardless of case, both get as many of their folders as it takes to tell them
 * apart, and so does a file whose name is taken. Where folders do not help, the later one gets a number.
 * @param files with their paths below the folder they were found in, with `/` between the parts
 * @param taken ids of other files
 * @returns ids by absolute path
 */
export function modelIds(
  files: readonly Pick<ModelFile, "file" | "relative">[],
  taken: Iterable<string> = [],
): Map<string, string> {
  const ids = new Map<string, string>();
  const used = new Set([...taken].map((id) => id.toLowerCase()));
  const settle = (file: string, id: string) => {
    ids.set(file, id);
    used.add(id.toLowerCase());
  };
  let unsettled = [...files];
  for (let folders = 0; folders <= deepest(unsettled); folders++) {
    const groups = new Map<string, typeof unsettled>();
    for (const one of unsettled) {
      const key = idWithFolders(one.relative, folders).toLowerCase();
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    unsettled = [];
    for (const [key, alike] of groups) {
      const [only, second] = alike;
      if (only && !second && !used.has(key)) settle(only.file, idWithFolders(only.relative, folders));
      else unsettled.push(...alike);
    }
  }
  for (const { file, relative } of unsettled) settle(file, numbered(idWithFolders(relative), used));
  return ids;
}

/** How many folders the deepest of the files lies in; -1 where there are none. */
function deepest(files: readonly Pick<ModelFile, "relative">[]): number {
  return Math.max(-1, ...files.map(({ relative }) => relative.split("/").length - 1));
}

function numbered(id: string, used: ReadonlySet<string>): string {
  let free = id;
  for (let number = 2; used.has(free.toLowerCase()); number++) free = `${id}-${number}`;
  return free;
}

function idWithFolders(path: string, folders = Number.POSITIVE_INFINITY): string {
  const parents = path.split("/").slice(0, -1);
  return [...parents.slice(Math.max(0, parents.length - folders)), modelName(path)].join("/");
}

function withoutExtension(fileName: string): string {
  return fileName.replace(/\.gguf$/i, "");
}
