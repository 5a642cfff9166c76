/** The copies of the database that are made before migrations. They lie in `backups/`, beside the backups. */
import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/** Enough to go back over some versions. Each holds all addresses of its time, so there should not be many. */
const keptCount = 3;

const namePattern = /^gateway-before-\d{14}_[\w-]+\.db$/;

/** What a copy is called while it is written; a start that was killed leaves it. */
const unfinishedPattern = /^gateway-before-.*\.part$/;

/** One name for one step, so that a start which fails again and again does not fill the disk with copies. */
export function migrationCopyName(firstPending: string): string {
  return `gateway-before-${firstPending}.db`;
}

/** Whether a file of this name in `backups/` is such a copy. */
export function isMigrationCopy(name: string): boolean {
  return namePattern.test(name);
}

/** Removes unfinished copies, and the oldest beyond the number that is kept. @returns the names of the latter */
export function pruneMigrationCopies(backupsDir: string): string[] {
  const names = readdirSync(backupsDir);
  for (const name of names.filter((one) => unfinishedPattern.test(one))) rmSync(path.join(backupsDir, name));
  const old = names
    .filter(isMigrationCopy)
    .map((name) => ({ name, file: path.join(backupsDir, name) }))
    .map((copy) => ({ ...copy, madeAtMs: statSync(copy.file).mtimeMs }))
    .toSorted((one, other) => other.madeAtMs - one.madeAtMs)
    .slice(keptCount);
  for (const { file } of old) rmSync(file);
  return old.map(({ name }) => name);
}
