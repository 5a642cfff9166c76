/** Telling when a file changed. */
import { type BigIntStats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 500;
/** Editors write in several steps: the last one counts. */
const settleMs = 50;

/**
 * Calls back after the file was written, replaced, made or removed since this call. It looks twice a second, for the
 * system's own notices come for whole folders: the database beside the file would wake the process with each of its
 * writes, and network disks give none.
 * @returns a function that stops it
 */
export function watchFile(file: string, onChange: () => void): () => void {
  const stopped = new AbortController();
  const known = versionOf(statSync(file, { bigint: true, throwIfNoEntry: false }));
  void poll(file, known, onChange, stopped.signal);
  return () => stopped.abort();
}

async function poll(file: string, first: string, onChange: () => void, signal: AbortSignal): Promise<void> {
  let known = first;
  const pause = (ms: number) => delay(ms, undefined, { ref: false, signal }).catch(() => undefined);
  for (;;) {
    await pause(pollMs);
    const version = versionOf(await stat(file, { bigint: true }).catch(() => undefined));
    if (version !== known) await pause(settleMs);
    if (signal.aborted) return;
    if (version !== known) onChange();
    known = version;
  }
}

function versionOf(stats: BigIntStats | undefined): string {
  return stats ? [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join() : "absent";
}
