/** Says once that a disk is nearly full, and once that it has room again. */
import type { Logger } from "pino";
import { bytesPerGigabyte } from "../../lib/bytes.ts";
import type { DiskFigures, SystemWarning } from "../../lib/system/types.ts";

const lowBytes = bytesPerGigabyte;
/** A disk that hovers around the bound would fill the log. */
const enoughAgainBytes = 1.1 * bytesPerGigabyte;

const contents = { data: "the database, logs and models", models: "models" } as const;

export class DiskWatch {
  readonly #log: Pick<Logger, "warn" | "info">;
  readonly #low = new Set<DiskFigures["holds"]>();

  constructor(log: Pick<Logger, "warn" | "info">) {
    this.#log = log;
  }

  /** Takes what was read, and tells which disks are low by it. One that could not be read stays as it was. */
  judge(disks: readonly DiskFigures[]): SystemWarning[] {
    for (const disk of disks) this.#judgeOne(disk);
    return disks.filter(({ holds }) => this.#low.has(holds)).map(warningOf);
  }

  get isLow(): boolean {
    return this.#low.size > 0;
  }

  #judgeOne(disk: DiskFigures): void {
    const wasLow = this.#low.has(disk.holds);
    if (disk.freeBytes < lowBytes && !wasLow) {
      this.#low.add(disk.holds);
      this.#log.warn(detailsOf(disk), warningOf(disk).message);
    } else if (disk.freeBytes >= enoughAgainBytes && wasLow) {
      this.#low.delete(disk.holds);
      this.#log.info(detailsOf(disk), `There is room again for ${contents[disk.holds]}.`);
    }
  }
}

function warningOf({ holds, path, freeBytes }: DiskFigures): SystemWarning {
  const freeGb = (freeBytes / bytesPerGigabyte).toFixed(2);
  return {
    code: "disk_low",
    message: `Only ${freeGb} GB are free for ${contents[holds]} (${path}). Downloads wait until there is more: delete models that nobody uses, or give it a larger disk.`,
  };
}

function detailsOf({ path, freeBytes, totalBytes }: DiskFigures) {
  return { path, freeBytes, totalBytes };
}
