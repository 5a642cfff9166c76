/** The GPU of Apple's own processors, which shares the machine's memory. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bytesPerGigabyte, bytesPerMegabyte } from "../../../lib/bytes.ts";
import type { Gpu } from "../../../lib/machine/types.ts";
import type { Memory } from "../memory.ts";

const run = promisify(execFile);
const answerMs = 2_000;

/** @throws Error where there is no such processor */
export async function readApple(memory: Memory): Promise<Gpu[]> {
  if (process.platform !== "darwin" || process.arch !== "arm64") return [];
  const ask = async (name: string) =>
    (await run("sysctl", ["-n", name], { timeout: answerMs })).stdout.trim();
  const [name, limit] = await Promise.all([
    ask("machdep.cpu.brand_string"),
    // Only newer systems know it.
    ask("iogpu.wired_limit_mb").catch(() => ""),
  ]);
  return [describeApple(name, limit, memory)];
}

/** Up to this size Metal leaves a third of the memory to the rest of the system, above it a quarter. */
const smallBytes = 36 * bytesPerGigabyte;

/**
 * @param name as "Apple M2"
 * @param limit `iogpu.wired_limit_mb`: what the user allows the GPU, or 0 for the system's own rule, which llama.cpp
 *   prints as recommendedMaxWorkingSetSize
 */
export function describeApple(name: string, limit: string, { totalBytes, availableBytes }: Memory): Gpu {
  const allowedBytes = Number(limit) * bytesPerMegabyte;
  const share = totalBytes <= smallBytes ? 2 / 3 : 3 / 4;
  const mayUse = allowedBytes > 0 ? allowedBytes : Math.floor(totalBytes * share);
  return {
    vendor: "apple",
    index: 0,
    name,
    totalBytes: mayUse,
    freeBytes: Math.min(mayUse, availableBytes),
    unified: true,
    busyPercent: null,
    temperatureC: null,
    powerW: null,
  };
}
