/** The books: whether balances and ledger tell the same. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { readEnvironment } from "../../lib/env.ts";
import { Connection } from "../../server/database/connection.ts";
import { databasePaths } from "../../server/database/paths.ts";
import { verifyLedger } from "../../server/database/verify-ledger.ts";
import { CommandError } from "../command-error.ts";
import { print } from "../output.ts";

/** `ledger verify`. */
export function addBookCommands(program: Command): void {
  const ledger = program.command("ledger").description("the ledger");
  ledger
    .command("verify")
    .description("recompute every balance from the ledger, with the gateway running or not")
    .action((_options, command: Command) => {
      const { file } = databasePaths(readEnvironment(process.env).dataDir);
      if (!existsSync(file)) throw new CommandError(`There is no database at ${file}.`);
      const connection = new Connection(file, { readOnly: true });
      const found = verifyLedger(connection);
      connection.close();
      const { users, ledgerRows, differences } = found;
      const sum = `${users} users, ${ledgerRows} ledger rows, ${differences.length} differences.`;
      print(command, found, [...differences, sum].join("\n"));
      if (differences.length > 0) throw new CommandError("The books do not tell the same.");
    });
}
