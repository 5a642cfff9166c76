/** Python programs of the tests, with packages in a virtual environment of their own. */
import { execFile } from "node:child_process";
import { access, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readEnvironment } from "../../lib/env.ts";

const run = promisify(execFile);
const scriptsDir = fileURLToPath(new URL("../integration/python", import.meta.url));
const systemPython = process.platform === "win32" ? "python" : "python3";

/**
 * A Python that has one package in exactly this version. It is installed once and kept in the cache.
 * @param others further packages, as `name==version`
 * @returns path of the interpreter
 */
export async function pythonWith(name: string, version: string, ...others: string[]): Promise<string> {
  const cacheDir = path.join(readEnvironment(process.env).cacheDir, "python");
  const packages = [`${name}==${version}`, ...others];
  const dir = path.join(cacheDir, packages.join("+").replaceAll("==", "-"));
  const installed = () =>
    access(path.join(dir, "complete")).then(
      () => true,
      () => false,
    );
  if (await installed()) return interpreterIn(dir);
  await mkdir(cacheDir, { recursive: true });
  // Made where it will stay, since a virtual environment holds absolute paths; a half-made one lacks its mark.
  await rm(dir, { recursive: true, force: true });
  // Debian's Python has no ensurepip, so that only an environment without pip can be made; pip fills it from outside.
  await run(systemPython, ["-m", "venv", "--without-pip", dir]);
  const install = ["install", "--quiet", "--disable-pip-version-check", ...packages];
  await run(systemPython, ["-m", "pip", "--python", interpreterIn(dir), ...install]);
  await mkdir(path.join(dir, "complete"));
  return interpreterIn(dir);
}

/**
 * Runs a script of tests/integration/python to its end.
 * @param variables all of its environment besides PATH
 * @param timeoutMs it is ended after as many
 * @returns what it printed
 * @throws Error with its errors where it did not end with code 0
 */
export async function runPython(
  python: string,
  [script = "", ...args]: string[],
  variables: Record<string, string>,
  timeoutMs = 60_000,
): Promise<string> {
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    PYTHONDONTWRITEBYTECODE: "1",
    ...variables,
  };
  const options = { env: env as NodeJS.ProcessEnv, timeout: timeoutMs };
  return (await run(python, [path.join(scriptsDir, script), ...args], options)).stdout;
}

function interpreterIn(dir: string): string {
  return process.platform === "win32"
    ? path.join(dir, "Scripts", "python.exe")
    : path.join(dir, "bin", "python");
}
