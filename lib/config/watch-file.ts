/** Telling when a file may have changed. */
import { watchFile as pollFile, unwatchFile, watch } from "node:fs";
import path from "node:path";

/** Editors write in several steps: the last one counts. */
const settleMs = 50;
const pollMs = 1000;

/**
 * Calls back after the file was written, replaced or removed; it may also call when nothing changed.
 * The folder is watched, as an editor that saves by renaming replaces the file itself.
 * @param onTrouble told once when the system cannot watch (too many watches, a network disk); it looks every second then
 * @returns a function that stops it
 */
export function watchFile(
  file: string,
  onChange: () => void,
  onTrouble: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs).unref();
  };
  const stop = watchFolder(file, changed, onTrouble);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function watchFolder(file: string, changed: () => void, onTrouble: (error: unknown) => void): () => void {
  const poll = (error: unknown) => {
    onTrouble(error);
    pollFile(file, { interval: pollMs, persistent: false }, changed);
  };
  try {
    const watcher = watch(path.dirname(file), { persistent: false }, (_event, name) => {
      if (name === null || name === path.basename(file)) changed();
    });
    watcher.on("error", (error) => {
      watcher.close();
      poll(error);
    });
    return () => {
      watcher.close();
      unwatchFile(file, changed);
    };
  } catch (error) {
    poll(error);
    return () => unwatchFile(file, changed);
  }
}
