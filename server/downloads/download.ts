/** One download in memory: its row, what is on the disk, and who works at it. */
import type { DownloadRow } from "../../lib/data/downloads.ts";
import { etaS, Speed } from "../../lib/downloads/speed.ts";
import type { DownloadSnapshot } from "../../lib/downloads/types.ts";

/** Why a run was stopped: this is no failure. */
export class Stop extends Error {
  override readonly name = "Stop";
}

interface Run {
  abort: AbortController;
  /** Resolves when nothing of it is left. */
  ended: Promise<void>;
}

export class Download {
  /** The row as it should stand in the database. */
  readonly row: DownloadRow;
  run: Run | null = null;
  /** Bytes on the disk, by the file's id. */
  readonly #haveBytes = new Map<number, number>();
  #speed: Speed | null = null;

  constructor(row: DownloadRow) {
    this.row = row;
  }

  get id(): number {
    return this.row.id;
  }

  /** Whether nothing more happens to it by itself. */
  get hasEnded(): boolean {
    return ["done", "failed", "cancelled"].includes(this.row.status);
  }

  get isActive(): boolean {
    return ["queued", "running", "verifying"].includes(this.row.status);
  }

  sharesFileWith(other: Download): boolean {
    return this.row.files.some(({ path }) => other.row.files.some((file) => file.path === path));
  }

  startClock(): void {
    this.#speed = new Speed(performance.now());
  }

  stopClock(): void {
    this.#speed = null;
  }

  /** @param isTransfer whether they came over the network just now */
  setHaveBytes(fileId: number, bytes: number, isTransfer: boolean): void {
    const before = this.#haveBytes.get(fileId) ?? 0;
    this.#haveBytes.set(fileId, bytes);
    if (isTransfer && bytes > before) this.#speed?.add(bytes - before, performance.now());
  }

  /** What is still to come, as far as it is known. */
  get missingBytes(): number {
    return this.row.files.reduce(
      (sum, file) =>
        sum + Math.max(0, (file.sizeBytes ?? 0) - this.#haveOf(file.id, file.done, file.sizeBytes)),
      0,
    );
  }

  snapshot(): DownloadSnapshot {
    const { files, folder: _, url, ...row } = this.row;
    const shown = files.map(({ id, path, sizeBytes, sha256, done }) => ({
      path,
      sizeBytes,
      sha256,
      done,
      doneBytes: this.#haveOf(id, done, sizeBytes),
    }));
    const sizes = shown.map(({ sizeBytes }) => sizeBytes);
    const sizeBytes = sizes.some((size) => size === null)
      ? null
      : sizes.reduce<number>((a, b) => a + (b ?? 0), 0);
    const doneBytes = shown.reduce((sum, file) => sum + file.doneBytes, 0);
    const bytesPerS = row.status === "running" ? (this.#speed?.bytesPerS(performance.now()) ?? null) : null;
    return {
      ...row,
      url: url === null ? null : withoutQuery(url),
      files: shown,
      sizeBytes,
      doneBytes,
      bytesPerS,
      etaS: etaS(sizeBytes === null ? null : sizeBytes - doneBytes, bytesPerS),
    };
  }

  #haveOf(fileId: number, done: boolean, sizeBytes: number | null): number {
    return done && sizeBytes !== null ? sizeBytes : (this.#haveBytes.get(fileId) ?? 0);
  }
}

/** A query may hold a signature: it is shown nowhere. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
