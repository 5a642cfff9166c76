/** Copies of database and configuration, and the way back. */
import { createWriteStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { backupReply } from "../../lib/admin/schemas/backups.ts";
import { readEnvironment } from "../../lib/env.ts";
import { restoreBackup } from "../../server/backup/restore.ts";
import { CommandError } from "../command-error.ts";
import { Gateway, type GatewayAddress } from "../gateway.ts";
import { bytes, print } from "../output.ts";

/** `backup` and `restore`. */
export function addBackupCommands(program: Command): void {
  program
    .command("backup <file>")
    .description("copy database and configuration into a file, while the gateway runs")
    .action(async (file: string, _options, command: Command) => {
      const gateway = await Gateway.at(command.optsWithGlobals<GatewayAddress>());
      const target = path.resolve(file);
      if (existsSync(target)) throw new CommandError(`${target} is there already.`);
      const made = await gateway.send("POST", "/admin/api/backup", {}, backupReply, "endless");
      await writeNew(target, await gateway.open(`/admin/api/backups/${encodeURIComponent(made.name)}`));
      print(
        command,
        { ...made, path: target },
        `${target}, ${bytes(made.size_bytes)}. It holds the admin key: keep it safe.`,
      );
    });
  program
    .command("restore <file>")
    .description(
      "put a backup in the place of the data folder's database and configuration; stop the gateway first",
    )
    .action(async (file: string, _options, command: Command) => {
      const { dataDir } = readEnvironment(process.env);
      const restored = await restoreBackup(path.resolve(file), dataDir).catch((error: Error) => {
        throw new CommandError(`Nothing was changed. ${error.message}`, { cause: error });
      });
      const { createdAt, users, ledgerRows } = restored;
      const words = `${dataDir} is as it was at ${createdAt}: ${users} users, ${ledgerRows} ledger rows.`;
      print(command, restored, words);
    });
}

/** @throws CommandError where something is there, or it could not be written; nothing half is left */
async function writeNew(file: string, content: Readable): Promise<void> {
  try {
    await pipeline(content, createWriteStream(file, { flags: "wx", mode: 0o600 }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new CommandError(`${file} is there already.`, { cause: error });
    await rm(file, { force: true });
    throw new CommandError(`${file} could not be written: ${message}`, { cause: error });
  }
}
