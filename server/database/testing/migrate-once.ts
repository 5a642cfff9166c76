/** One start's migration. */
import { migrate } from "../migrate.ts";

const [file = "", backupsDir = "", migrationsDir = ""] = process.argv.slice(2);
const { applied } = await migrate({ file, backupsDir, migrationsDir });
process.stdout.write(`applied ${applied.join(" ")}\n`);
