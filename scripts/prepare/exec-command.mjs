/**
 * `npm start` is `exec node ...`: without `exec` a shell would stand between npm and the gateway, keep npm's SIGTERM to
 * itself, and the gateway would go on. Windows' shell has no `exec`, so there it is a command of its own.
 */
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * npm puts this folder on PATH for its scripts.
 * @param {string} root
 */
export function provideExec(root) {
  const file = path.join(root, "node_modules/.bin/exec.cmd");
  if (!existsSync(file)) writeFileSync(file, "@%*\r\n");
}
