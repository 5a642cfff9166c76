/** Where the database and its companions lie. The program runs from `server/` in development, from `dist/` bundled. */
import path from "node:path";
import { fileURLToPath } from "node:url";

/** True where these sources run as they are, through tsx or vitest. */
export const fromSource = import.meta.url.endsWith(".ts");

const projectRoot = fileURLToPath(new URL(fromSource ? "../../" : "../", import.meta.url));

/** Prisma's migrations, which are read at run time. */
export const migrationsDir = path.join(projectRoot, "prisma", "migrations");

/** What a database thread starts with. */
export const workerFile = new URL(fromSource ? "./boot.mjs" : "./database-worker.mjs", import.meta.url);

export interface DatabasePaths {
  file: string;
  backupsDir: string;
}

/** The database's place inside `data/`. */
export function databasePaths(dataDir: string): DatabasePaths {
  return { file: path.join(dataDir, "gateway.db"), backupsDir: path.join(dataDir, "backups") };
}
