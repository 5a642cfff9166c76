/** Runs other programs: never through a shell, their output kept for the case that they fail. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Lines of a failed command that its error shows. */
const shownLines = 60;

/** Told of every process that starts, so that the lock can name it. @type {{ onStart: (pid: number) => void }} */
export const watcher = { onStart: () => {} };

/** Ends what still runs, when the preparation itself is told to end. */
export function endCommands() {
  for (const child of running) child.kill("SIGTERM");
}

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to ours; undefined removes a variable
 * @property {(line: string) => void} [onLine] each line of either stream
 * @property {number} [timeoutMs]
 */

/**
 * @param {string} command a program or a path to one
 * @param {readonly string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<string>} both streams, as they came
 * @throws Error that names the command and ends with its last lines
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs,
      windowsHide: true,
    });
    running.add(child);
    if (child.pid !== undefined) watcher.onStart(child.pid);
    let output = "";
    const collect = (/** @type {string} */ text) => {
      output += text;
      for (const line of text.split(/[\r\n]+/)) if (line.trim() !== "") options.onLine?.(line.trim());
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.once("error", (error) => {
      running.delete(child);
      reject(new Error(`${path.basename(command)} could not be started: ${error.message}`, { cause: error }));
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(output);
      else reject(new Error(failure(command, args, signal ?? `exit code ${code}`, output)));
    });
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} ending
 * @param {string} output
 */
function failure(command, args, ending, output) {
  const lines = output.trimEnd().split("\n").slice(-shownLines);
  return `${[path.basename(command), ...args].join(" ")} ended with ${ending}.\n${lines.join("\n")}`.trimEnd();
}

/**
 * The full path of a program on PATH.
 * @param {string} name without `.exe`
 * @param {Record<string, string | undefined>} variables the environment
 * @returns {string | undefined}
 */
export function findOnPath(name, variables = process.env) {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  for (const folder of (variables.PATH ?? variables.Path ?? "").split(path.delimiter)) {
    if (folder === "") continue;
    const candidate = path.resolve(folder, file);
    if (isProgram(candidate)) return candidate;
  }
  return undefined;
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, not executable, or in a folder that this user may not enter.
    return false;
  }
}

/**
 * How to run npm: on Windows it is a script that only a shell could start, so Node runs npm's own file.
 * @returns {{ command: string, args: string[] }}
 * @throws Error where there is no npm
 */
export function npm() {
  const beside = path.dirname(realpathSync(process.execPath));
  const files = [
    process.env.npm_execpath ?? "",
    path.join(beside, "node_modules/npm/bin/npm-cli.js"),
    path.join(beside, "../lib/node_modules/npm/bin/npm-cli.js"),
  ];
  const file = files.find((candidate) => path.basename(candidate) === "npm-cli.js" && existsSync(candidate));
  if (file) return { command: process.execPath, args: [file] };
  const command = process.platform === "win32" ? undefined : findOnPath("npm");
  if (!command) throw new Error("npm was not found. It comes with Node.js: install it, then run this again.");
  return { command, args: [] };
}
