/** How a model is called in requests, prices and usage rows. */
import { basename } from "node:path";

/** `-00001-of-00003`, as llama.cpp names the parts of a split model. */
const splitSuffix = /-(\d{5})-of-(\d{5})$/;

/** The part of a split model that a file name stands for, or null for a whole file. Parts count from 1. */
export function splitPart(fileName: string): { part: number; parts: number } | null {
  const match = splitSuffix.exec(withoutExtension(fileName));
  return match ? { part: Number(match[1]), parts: Number(match[2]) } : null;
}

/** The file name of another part of the same split model. */
export function splitSibling(fileName: string, part: number): string {
  const extension = fileName.slice(withoutExtension(fileName).length);
  const number = String(part).padStart(5, "0");
  return withoutExtension(fileName).replace(splitSuffix, `-${number}-of-$2`) + extension;
}

/** Name of a model file alone: without folder, `.gguf` (or the `.bin` of whisper.cpp's files) and split suffix. */
export function modelName(file: string): string {
  return withoutExtension(basename(file).replace(/^(ggml-.*)\.bin$/i, "$1")).replace(splitSuffix, "");
}

/**
 * Ids for files, given by their paths below the folder they were found in, with `/` between the parts. Where two names
 * are alike, regardless of case, both get as many of their folders as it takes to tell them apart.
 * @returns path to id
 */
export function modelIds(paths: readonly string[]): Map<string, string> {
  const ids = new Map<string, string>();
  let unsettled = [...paths];
  for (let folders = 0; unsettled.length > 0; folders++) {
    const groups = new Map<string, string[]>();
    for (const path of unsettled) {
      const id = idWithFolders(path, folders);
      ids.set(path, id);
      groups.set(id.toLowerCase(), [...(groups.get(id.toLowerCase()) ?? []), path]);
    }
    const deepest = Math.max(...unsettled.map((path) => path.split("/").length - 1));
    unsettled = folders >= deepest ? [] : [...groups.values()].filter((alike) => alike.length > 1).flat();
  }
  return ids;
}

function idWithFolders(path: string, folders: number): string {
  const parents = path.split("/").slice(0, -1);
  return [...parents.slice(Math.max(0, parents.length - folders)), modelName(path)].join("/");
}

function withoutExtension(fileName: string): string {
  return fileName.replace(/\.gguf$/i, "");
}
