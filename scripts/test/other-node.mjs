/** Another version of Node to run the tests on, as an npm package: Node 20 is past its end. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { npm, run } from "../prepare/command.mjs";
import { readSettings } from "../prepare/settings.mjs";

/**
 * Node 24, or 20 where this is 24 already; installed once into the cache.
 * @returns {Promise<{ file: string, version: string }>}
 * @throws Error where npm has none for this machine
 */
export async function otherNode() {
  const major = process.versions.node.startsWith("24.") ? 20 : 24;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const { cacheDir } = readSettings([], process.env);
  const folder = path.join(cacheDir, `node-${major}`);
  const program = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  const file = path.join(folder, "node_modules", name, program);
  if (!existsSync(file)) await install(`${name}@${major}`, folder);
  return { file, version: (await run(file, ["--version"])).trim().slice(1) };
}

/**
 * @param {string} specifier
 * @param {string} folder
 */
async function install(specifier, folder) {
  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  const { command, args } = npm();
  try {
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
    await run(command, [...args, "install", ...options, "--prefix", work, specifier], { cwd: work });
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
