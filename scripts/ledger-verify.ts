/** `npm run ledger:verify`: recomputes every balance from the ledger, with the gateway running or not. */
import { existsSync } from "node:fs";
import { readEnvironment } from "../lib/env.ts";
import { Connection } from "../server/database/connection.ts";
import { databasePaths } from "../server/database/paths.ts";
import { verifyLedger } from "../server/database/verify-ledger.ts";

const { file } = databasePaths(readEnvironment(process.env).dataDir);
if (existsSync(file)) {
  const connection = new Connection(file, { readOnly: true });
  const { users, ledgerRows, differences } = verifyLedger(connection);
  connection.close();
  for (const difference of differences) console.error(difference);
  console.log(`${users} users, ${ledgerRows} ledger rows, ${differences.length} differences.`);
  process.exitCode = differences.length === 0 ? 0 : 1;
} else {
  console.error(`There is no database at ${file}.`);
  process.exitCode = 1;
}
