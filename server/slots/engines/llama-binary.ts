/** Which llama-server to run, and which options it knows: they differ between versions. */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import type { Environment } from "../../../lib/env.ts";
import { GatewayError } from "../../../lib/errors.ts";
import { findOnPath } from "../../../scripts/prepare/command.mjs";
import { readRecord } from "../../../scripts/prepare/llama/record.mjs";

const run = promisify(execFile);
const helpMs = 20_000;

export interface LlamaBinary {
  file: string;
  /** All its options, as `--parallel`. */
  options: ReadonlySet<string>;
}

/**
 * The binary that the operator named (environment, then configuration), else the one that the set-up found, else one
 * on PATH.
 * @param configured `llama_server` of the configuration
 * @throws GatewayError that says what to do when there is none
 */
export async function findLlamaServer(
  environment: Environment,
  configured: string | null,
): Promise<LlamaBinary> {
  const { llamaServer, cacheDir, engineVariables } = environment;
  const record = z.object({ path: z.string() }).safeParse(readRecord(cacheDir));
  const file =
    llamaServer ?? configured ?? record.data?.path ?? findOnPath("llama-server", engineVariables) ?? null;
  const help = "`npm run doctor` says what to do.";
  if (file === null) throw new GatewayError("engine_unavailable", `llama-server is not installed. ${help}`);
  try {
    return { file, options: await optionsOf(file, engineVariables) };
  } catch (error) {
    throw new GatewayError("engine_unavailable", `llama-server (${file}) cannot be run. ${help}`, {
      cause: error,
    });
  }
}

const known = new Map<string, { modifiedMs: number; options: ReadonlySet<string> }>();

/** Asks a binary once for as long as it stays the same file: 25 ms. */
async function optionsOf(file: string, env: NodeJS.ProcessEnv): Promise<ReadonlySet<string>> {
  const { mtimeMs } = await stat(file);
  const found = known.get(file);
  if (found?.modifiedMs === mtimeMs) return found.options;
  const { stdout } = await run(file, ["--help"], { env, timeout: helpMs, maxBuffer: 8_000_000 });
  const options = optionsIn(stdout);
  known.set(file, { modifiedMs: mtimeMs, options });
  return options;
}

/** llama.cpp prints descriptions from this column on, or on the next line where the names reach into it. */
const descriptionColumn = 40;

/** The options that `--help` lists: each entry begins with all its names. */
export function optionsIn(help: string): Set<string> {
  const entries = help.split("\n").filter((line) => line.startsWith("-"));
  const names = entries.map((line) =>
    /\s/.test(line[descriptionColumn - 1] ?? " ") ? line.slice(0, descriptionColumn) : line,
  );
  return new Set(names.flatMap((entry) => entry.match(/(?<=^|[\s,])--[a-z][a-z0-9-]*/g) ?? []));
}
