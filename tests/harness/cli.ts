/** `npm run cli -- ...` against a gateway of a test. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { vi } from "vitest";
import { run } from "../../cli/program.ts";
import type { Gateway } from "./running-gateway.ts";

const projectDir = fileURLToPath(new URL("../..", import.meta.url));

export interface CommandRun {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

type Beside = Pick<Gateway, "port" | "dataDir">;

/** What an operator beside the gateway has in its environment. */
const environmentOf = ({ port, dataDir }: Beside) => ({ PORT: String(port), GATEWAY_DATA_DIR: dataDir });

/** Runs one command in a process of its own, as `npm run cli` does. */
export async function spawnCli(gateway: Beside, words: readonly string[]): Promise<CommandRun> {
  const { scripts } = JSON.parse(readFileSync(path.join(projectDir, "package.json"), "utf8")) as {
    scripts: { cli: string };
  };
  const [, ...switches] = scripts.cli.split(" ");
  const options = { cwd: projectDir, reject: false, env: environmentOf(gateway) };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...switches, ...words], options);
  return { exitCode, stdout, stderr };
}

/** Runs one command in this process, where it takes a second less. One at a time. */
export async function runCli(
  gateway: Beside,
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<CommandRun> {
  const out: string[] = [];
  const errors: string[] = [];
  const spies = [
    vi.spyOn(console, "log").mockImplementation((line) => void out.push(`${line}\n`)),
    vi.spyOn(console, "error").mockImplementation((line) => void errors.push(`${line}\n`)),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0),
  ];
  const before = { ...process.env };
  Object.assign(process.env, environmentOf(gateway), environment);
  try {
    const exitCode = await run(words);
    return { exitCode, stdout: out.join("").trimEnd(), stderr: errors.join("").trimEnd() };
  } finally {
    process.env = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** The answer of a command with `--json`. @throws Error with what it printed when it failed */
export async function cliJson(gateway: Beside, words: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCli(gateway, [...words, "--json"]);
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}
