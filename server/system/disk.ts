/** How much room the disks of the data folder and of the models have. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { diskRoom } from "../../lib/disk-room.ts";
import type { DiskFigures } from "../../lib/system/types.ts";

/** A network disk that is gone may never answer. */
const patienceMs = 2_000;

/** Reads the disks. A folder that is not there, or does not answer, is left out. */
export class Disks {
  readonly #folders: readonly { holds: DiskFigures["holds"]; folder: string }[];
  #reading: Promise<DiskFigures[]> | null = null;

  /** @param dataDir absolute; the models are in its `models`, which may be a link to another disk */
  constructor(dataDir: string) {
    this.#folders = [
      { holds: "data", folder: dataDir },
      { holds: "models", folder: path.join(dataDir, "models") },
    ];
  }

  /** The disk of the data folder, and that of the models where it is another one. */
  async figures(): Promise<DiskFigures[]> {
    // One at a time: each that hangs keeps one of the few threads that Node reads files with.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return orNothing(this.#reading, patienceMs);
  }

  async #read(): Promise<DiskFigures[]> {
    const found = await Promise.all(this.#folders.map(readDisk));
    const disks = found.flatMap((disk) => disk ?? []);
    return disks.filter(({ device }, index) => disks.findIndex((other) => other.device === device) === index);
  }
}

async function readDisk({ holds, folder }: { holds: DiskFigures["holds"]; folder: string }) {
  try {
    const [{ dev: device }, room] = await Promise.all([stat(folder), diskRoom(folder)]);
    return { holds, path: folder, device, ...room };
  } catch {
    return null;
  }
}

function orNothing<Item>(promise: Promise<Item[]>, afterMs: number): Promise<Item[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), afterMs);
    promise.then(resolve, () => resolve([])).finally(() => clearTimeout(timer));
  });
}
