/** A data folder with a database and a configuration, for tests of backups. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Backups } from "../../../lib/backup/types.ts";
import type { Database } from "../../../lib/data/types.ts";
import { createAccounts } from "../../../lib/money/accounts.ts";
import type { Accounts } from "../../../lib/money/types.ts";
import { lockFileName } from "../../data-folder-lock.ts";
import { openDatabase } from "../../database/client.ts";
import { createBackups } from "../file-backups.ts";

export interface BackedFolder {
  dataDir: string;
  database: Database;
  accounts: Accounts;
  backups: Backups;
}

export const newFolder = (): Promise<string> => mkdtemp(path.join(os.tmpdir(), "llm-gateway-backup-"));

/** Opens a gateway's data folder; the caller closes the database and removes the folder. */
export async function backedFolder(dataDir: string, retryMs?: number): Promise<BackedFolder> {
  const document = { admin_key: `sk-${"a".repeat(48)}`, session_secret: "b".repeat(64), retention_days: 42 };
  await writeFile(path.join(dataDir, "config.json"), JSON.stringify(document), { mode: 0o600 });
  const database = await openDatabase({ dataDir });
  const accounts = await createAccounts({ database, ...(retryMs !== undefined && { retryMs }) });
  return { dataDir, database, accounts, backups: createBackups({ database, dataDir }) };
}

/** Every file of a folder with a hash of its content, to see that nothing changed; without the lock's, which stays. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents: Record<string, string> = {};
  for (const entry of names.filter((one) => one.isFile() && one.name !== lockFileName)) {
    const file = path.join(entry.parentPath, entry.name);
    contents[path.relative(folder, file)] = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  }
  return contents;
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
