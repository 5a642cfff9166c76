/** Keeps the ids of files: a second file of a name must not rename the first one, which clients ask for by its id. */
import type { ModelFile } from "./list-files.ts";
import { modelIds } from "./model-id.ts";

/** A disk that comes back finds its files' ids again, but not whatever was here once. */
const maxKept = 10_000;

export class KeptIds {
  readonly #ids: Map<string, string>;
  /** Something is new since the last `toRecord`. */
  isChanged = false;

  /** @param stored what `toRecord` gave once */
  constructor(stored: Readonly<Record<string, string>> = {}) {
    this.#ids = new Map(Object.entries(stored));
  }

  /**
   * Who has an id keeps it; newcomers get what is free. The id of a file that is gone is its own until another needs it.
   * @param files all that are there
   * @returns ids by absolute path, no two alike regardless of case
   */
  idsFor(files: readonly Pick<ModelFile, "file" | "relative">[]): ReadonlyMap<string, string> {
    const ids = new Map<string, string>();
    for (const { file } of files) {
      const kept = this.#ids.get(file);
      if (kept !== undefined) ids.set(file, kept);
    }
    const newcomers = files.filter(({ file }) => !ids.has(file));
    for (const [file, id] of modelIds(newcomers, ids.values())) ids.set(file, id);
    if (newcomers.length > 0) this.#keep(ids);
    return ids;
  }

  /** Ids by absolute path, to be stored. */
  toRecord(): Record<string, string> {
    this.isChanged = false;
    return Object.fromEntries(this.#ids);
  }

  /** @param ids of all files that are there */
  #keep(ids: ReadonlyMap<string, string>): void {
    const taken = new Set([...ids.values()].map((id) => id.toLowerCase()));
    for (const [file, id] of this.#ids)
      if (!ids.has(file) && (taken.has(id.toLowerCase()) || this.#ids.size > maxKept)) this.#ids.delete(file);
    for (const [file, id] of ids) this.#ids.set(file, id);
    this.isChanged = true;
  }
}
