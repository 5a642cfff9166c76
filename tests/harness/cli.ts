/** `npm run cli -- ...` against a gateway of a test. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Gateway } from "./running-gateway.ts";

const projectDir = fileURLToPath(new URL("../..", import.meta.url));

export interface CommandRun {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs one command with the gateway's port and data folder in its environment, as an operator would beside it. */
export async function runCli(
  gateway: Pick<Gateway, "port" | "dataDir">,
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<CommandRun> {
  const { scripts } = JSON.parse(readFileSync(path.join(projectDir, "package.json"), "utf8")) as {
    scripts: { cli: string };
  };
  const [, ...switches] = scripts.cli.split(" ");
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...switches, ...words], {
    cwd: projectDir,
    reject: false,
    env: { PORT: String(gateway.port), GATEWAY_DATA_DIR: gateway.dataDir, ...environment },
  });
  return { exitCode, stdout, stderr };
}

/** The answer of a command with `--json`. @throws Error with what it printed when it failed */
export async function cliJson(gateway: Pick<Gateway, "port" | "dataDir">, words: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCli(gateway, [...words, "--json"]);
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}
