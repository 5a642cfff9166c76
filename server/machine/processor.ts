/** Which of the instructions that llama.cpp has special code for this processor knows. */
import { readFile } from "node:fs/promises";
import type { Processor } from "../../lib/machine/types.ts";

export async function readProcessor(): Promise<Processor> {
  const info = process.platform === "linux" ? await readFile("/proc/cpuinfo", "utf8").catch(() => "") : "";
  return processorIn(info) ?? usualProcessor();
}

/** @param cpuinfo /proc/cpuinfo; null where it names no flags */
export function processorIn(cpuinfo: string): Processor | null {
  // x86 calls them flags, ARM features.
  const line = /^(?:flags|Features)\s*: (.*)$/m.exec(cpuinfo)?.[1];
  if (line === undefined) return null;
  const flags = new Set(line.split(" "));
  if (flags.has("amx_int8") && flags.has("avx512_vnni")) return "amx";
  if (flags.has("avx512f")) return "avx512";
  if (flags.has("avx2")) return "avx2";
  return flags.has("asimddp") ? "arm" : "other";
}

/** Where the system does not tell: what nearly every computer of the last ten years has. */
function usualProcessor(): Processor {
  return process.arch === "x64" ? "avx2" : process.arch === "arm64" ? "arm" : "other";
}
