/**
 * Puts checked files in the place of the present ones: all of them or none, whenever the process ends. What is replaced
 * lies in `.restoring/before` until the last step, which is one rename; a swap that did not get there is undone.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { partNames } from "./manifest.ts";

/** What belongs to a state of the data folder. SQLite's own two must go with their database, or they would damage another. */
const stateFiles = [...partNames, "gateway.db-wal", "gateway.db-shm"];

const existed = z.array(z.enum(stateFiles));

function foldersOf(dataDir: string) {
  const working = path.join(dataDir, ".restoring");
  return {
    working,
    next: path.join(working, "next"),
    before: path.join(working, "before"),
    /** Names of the files that were there: it exists from just before the first is moved. */
    journal: path.join(working, "existed.json"),
    done: path.join(dataDir, ".restored"),
  };
}

/** An empty folder for the files to come. What an earlier try left is undone first. */
export async function beginSwap(dataDir: string): Promise<string> {
  await undoSwap(dataDir);
  const { next } = foldersOf(dataDir);
  await mkdir(next, { recursive: true, mode: 0o700 });
  return next;
}

/**
 * Swaps.
 * @throws the system's error, with everything as it was
 */
export async function finishSwap(dataDir: string): Promise<void> {
  const { working, next, before, journal, done } = foldersOf(dataDir);
  try {
    const present = stateFiles.filter((name) => existsSync(path.join(dataDir, name)));
    await mkdir(before, { mode: 0o700 });
    await writeForGood(journal, JSON.stringify(present));
    for (const name of present) await rename(path.join(dataDir, name), path.join(before, name));
    for (const name of partNames) await rename(path.join(next, name), path.join(dataDir, name));
    await rm(done, { recursive: true, force: true });
    await rename(working, done);
  } catch (error) {
    await undoSwap(dataDir);
    throw error;
  }
  await rm(done, { recursive: true, force: true });
}

/**
 * Undoes a swap that was interrupted; with none it does nothing. The gateway calls it before it opens anything.
 * @returns whether there was one
 */
export async function undoSwap(dataDir: string): Promise<boolean> {
  const { working, next, before, journal, done } = foldersOf(dataDir);
  await rm(done, { recursive: true, force: true });
  if (!existsSync(working)) return false;
  const present = readJournal(journal);
  if (present) {
    for (const name of stateFiles) {
      const place = path.join(dataDir, name);
      if (existsSync(path.join(before, name))) await rename(path.join(before, name), place);
      else if (!present.includes(name) && !existsSync(path.join(next, name)))
        await rm(place, { force: true });
    }
  }
  await rm(working, { recursive: true, force: true });
  return present !== null;
}

/** Null where nothing was moved yet: the journal is absent, or was not written to its end. */
function readJournal(file: string): readonly string[] | null {
  try {
    return existed.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

async function writeForGood(file: string, content: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
