/** Tells listeners of downloads: a new status at once, progress a few times a second. */
import type { DownloadEvent } from "../../lib/downloads/types.ts";
import type { Download } from "./download.ts";

const progressMs = 500;

type Listener = (event: DownloadEvent) => void;

export class Announcer {
  readonly #listeners = new Set<Listener>();
  /** Downloads whose progress is told when the time is over. */
  readonly #waiting = new Map<number, NodeJS.Timeout>();

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changed(download: Download, isUrgent: boolean): void {
    if (this.#listeners.size === 0) return;
    const timer = this.#waiting.get(download.id);
    if (timer && !isUrgent) return;
    clearTimeout(timer);
    this.#waiting.delete(download.id);
    if (isUrgent) this.#tell({ kind: "changed", download: download.snapshot() });
    else
      this.#waiting.set(
        download.id,
        setTimeout(() => this.changed(download, true), progressMs),
      );
  }

  removed(id: number): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#tell({ kind: "removed", id });
  }

  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#listeners.clear();
  }

  #tell(event: DownloadEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
