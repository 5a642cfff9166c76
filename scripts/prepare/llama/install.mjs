/** Puts a llama-server into the cache: unpacked aside, and given its place only when it is complete. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { removeAbandoned } from "../files.mjs";

/**
 * @param {string} cacheDir
 * @param {string} name of its folder: source and version
 * @param {(folder: string) => Promise<string>} fill puts everything into the folder it is given, which is renamed
 *   afterwards, and returns the program's path within it
 * @returns {Promise<string>} absolute path of the program
 */
export async function install(cacheDir, name, fill) {
  const parent = path.join(cacheDir, "llama-server");
  const target = path.join(parent, name);
  mkdirSync(parent, { recursive: true });
  removeAbandoned(parent, ".unfinished-");
  const work = mkdtempSync(path.join(parent, ".unfinished-"));
  try {
    const program = await fill(work);
    rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
    return path.join(target, program);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * A program that an earlier run installed, where the record of it was lost.
 * @param {string} cacheDir
 * @returns {string | undefined} absolute path
 */
export function installed(cacheDir) {
  const parent = path.join(cacheDir, "llama-server");
  for (const name of existsSync(parent) ? readdirSync(parent).sort() : []) {
    if (name.startsWith(".")) continue;
    try {
      return path.join(parent, name, findProgram(path.join(parent, name)));
    } catch {
      // Another folder may hold one.
    }
  }
  return undefined;
}

/**
 * Finds llama-server in an unpacked archive, whatever folders that puts it in.
 * @param {string} folder
 * @returns {string} relative to `folder`
 */
export function findProgram(folder) {
  const file = process.platform === "win32" ? "llama-server.exe" : "llama-server";
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  // A launcher at the top comes before the program that it launches.
  const found = names.filter((name) => path.basename(name) === file).sort((a, b) => a.length - b.length)[0];
  if (!found) throw new Error(`${folder} holds no ${file}.`);
  return found;
}
