/** llama-server's own counts, which only who has an engine's key may read. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { llamaServerPath } from "../fixtures/index.ts";

/**
 * Writes a program that hands its engine's key on before it becomes llama-server: the gateway removes the file with the
 * key as soon as the engine is ready.
 * @param folder a test's own
 * @returns the program's path, as `LLAMA_SERVER` takes it
 */
export async function countingLlamaServer(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const program = path.join(folder, "llama-server");
  const lines = [
    "#!/bin/sh",
    "umask 077",
    "for argument; do",
    `  if [ "$previous" = --api-key-file ]; then read -r key <"$argument"; fi`,
    `  if [ "$previous" = --port ]; then port=$argument; fi`,
    "  previous=$argument",
    "done",
    `[ -z "$key" ] || echo "$key" >'${folder}'/$port.key`,
    `exec '${await llamaServerPath()}' "$@"`,
  ];
  await writeFile(program, `${lines.join("\n")}\n`, { mode: 0o755 });
  return program;
}

/** Since the engine's start. */
export interface EngineCounts {
  /** Of prompts, those that were not in the cache. */
  readTokens: number;
  /** Null where this version does not tell. */
  cachedTokens: number | null;
  writtenTokens: number;
}

/**
 * Asks a running engine what it has done so far. Measured with llama-server 0.7.0:
 * - A prompt counts when it has been read, for several choices once, and each written token when it is made, whoever has
 *   left by then. An encoder's input counts as a prompt.
 * - The first token, sampled from the prompt's last batch, counts as written; there is no speculation by default.
 * - The gateway's own check of a start, and each proof of work, is a prompt and one token like any other: so take the
 *   difference to an earlier count, on an engine that nobody had reason to suspect meanwhile.
 * @param folder as of `countingLlamaServer`
 */
export async function engineCounts(folder: string, port: number): Promise<EngineCounts> {
  const key = (await readFile(path.join(folder, `${port}.key`), "utf8")).trim();
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  const text = await response.text();
  const find = (name: string) => {
    const [, value] = new RegExp(`^llamacpp:${name} (\\S+)$`, "m").exec(text) ?? [];
    return value === undefined ? null : Number(value);
  };
  const readTokens = find("prompt_tokens_total");
  const writtenTokens = find("tokens_predicted_total");
  if (readTokens === null || writtenTokens === null)
    throw new Error(`It does not tell its counts (${response.status}): ${text}`);
  return { readTokens, cachedTokens: find("prompt_tokens_cached_total"), writtenTokens };
}
