/** Takes a data folder, collects garbage, says so, and keeps the folder until it is ended. */
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { lockDataFolder } from "../data-folder-lock.ts";

const [folder = ""] = process.argv.slice(2);
lockDataFolder(folder);
setFlagsFromString("--expose-gc");
for (let round = 0; round < 3; round++) {
  await turn();
  runInNewContext("gc")();
}
process.stdout.write("held\n");
setInterval(() => undefined, 60_000);
