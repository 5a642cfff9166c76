/** `npm run cli -- ...`: the gateway from the command line. */
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2));
