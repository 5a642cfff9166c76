/**
 * `npm start` and `npm run dev`, after the preparation: runs the server in this process, so that the gateway costs one
 * process and gets its signals itself. `--dev` runs the sources (through tsx) instead of what was built.
 */
import { existsSync } from "node:fs";
import { endWithParent } from "./parent.mjs";

const development = process.argv.includes("--dev");
const server = new URL(development ? "../server/server.ts" : "../dist/server.mjs", import.meta.url);

// npm leaves out the preparation where it is told to ignore scripts.
if (existsSync(server)) {
  Object.assign(process.env, {
    NODE_ENV: development ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  });
  endWithParent();
  await import(server.href);
} else {
  console.error("The gateway is not built yet. Run `npm run setup`, then `npm start`.");
  process.exitCode = 1;
}
