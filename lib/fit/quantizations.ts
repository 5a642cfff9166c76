/** Which of a model's files suits this machine, judged by their sizes alone: they are not here yet. */
import { bytesPerMegabyte, inWords } from "../bytes.ts";
import type { Machine } from "../machine/types.ts";
import { type LoadedSlot, marginBytes } from "./figures.ts";
import { usableGpuBytes } from "./gpu-layers.ts";

export const sizeVerdicts = ["fits", "tight", "does_not_fit"] as const;

export interface SizeVerdict {
  /** `tight`: when other models are unloaded. */
  verdict: (typeof sizeVerdicts)[number];
  /** A guess. */
  requiredBytes: number;
  availableBytes: number;
  sentence: string;
}

/** A context of 8192 tokens takes about a tenth of a model's size (7B to 70B, grouped heads, q8_0), and as much again four. */
const contextShare = 0.2;
/** The program, its words, and the buffers of a batch. */
const fixedBytes = 400 * bytesPerMegabyte;

/**
 * @param sizeBytes of all parts, with the projector if there is one
 * @param loaded engines that run now
 */
export function judgeBySize(
  sizeBytes: number,
  machine: Machine,
  loaded: readonly LoadedSlot[] = [],
): SizeVerdict {
  const requiredBytes = Math.round(sizeBytes * (1 + contextShare) + fixedBytes);
  const ownGpus = machine.gpus.filter(({ unified }) => !unified);
  const pending = loaded.reduce((sum, slot) => sum + Math.max(0, slot.requiredBytes - slot.heldBytes), 0);
  const held = loaded.reduce((sum, slot) => sum + slot.heldBytes, 0);
  const beside = usableGpuBytes(ownGpus) - marginBytes(machine);
  const availableBytes = Math.max(0, machine.availableBytes - pending + beside);
  const emptied = Math.min(machine.totalBytes, machine.availableBytes + held) + beside;
  const figures = `about ${inWords(requiredBytes)} of ${inWords(availableBytes)}`;
  if (requiredBytes <= availableBytes)
    return { verdict: "fits", requiredBytes, availableBytes, sentence: `It fits: ${figures}.` };
  if (requiredBytes <= emptied)
    return {
      verdict: "tight",
      requiredBytes,
      availableBytes,
      sentence: `It fits when other models are unloaded: ${figures}.`,
    };
  return { verdict: "does_not_fit", requiredBytes, availableBytes, sentence: `It does not fit: ${figures}.` };
}

export interface QuantizedFile {
  /** As `Q4_K_M`; null where unknown. */
  quantization: string | null;
  sizeBytes: number;
}

/**
 * From the one that is best to run to the one that is only better than nothing: Q4_K_M is where answers are hardly worse
 * than the original's and files a quarter as large; more bits are worth it only where there is room; below four bits
 * answers get worse fast (llama.cpp, tools/quantize/README.md).
 */
const wanted: readonly [name: string, reason: string][] = [
  ["Q8_0", "nearly as good as the original"],
  ["Q6_K", "hardly worse than the original"],
  ["Q5_K_M", "a little better than Q4_K_M"],
  ["Q4_K_M", "the usual balance of size and quality"],
  ["Q4_K_S", "a little smaller than Q4_K_M"],
  ["Q4_0", "small and fast on a processor"],
  ["IQ4_XS", "smaller than Q4_K_M at nearly its quality"],
  ["Q3_K_M", "noticeably worse, but larger files do not fit"],
  ["IQ3_M", "noticeably worse, but larger files do not fit"],
  ["Q2_K", "much worse, but larger files do not fit"],
];
/** Better ones than the usual are taken only where they leave this part of the memory free: they are slower as well. */
const roomForBetter = 0.6;
const usual = "Q4_K_M";

/**
 * @param files of one model, each with the size of all its parts
 * @returns null where none fits, not even when other models are unloaded
 */
export function recommendQuantization<File extends QuantizedFile>(
  files: readonly File[],
  machine: Machine,
  loaded: readonly LoadedSlot[] = [],
): { file: File; reason: string } | null {
  for (const accepted of [["fits"], ["fits", "tight"]]) {
    for (const [name, reason] of wanted) {
      const file = files.find(({ quantization }) => quantization?.toUpperCase() === name);
      if (!file) continue;
      const { verdict, requiredBytes, availableBytes } = judgeBySize(file.sizeBytes, machine, loaded);
      if (!accepted.includes(verdict)) continue;
      if (isBetterThanUsual(name, files) && requiredBytes > availableBytes * (1 - roomForBetter)) continue;
      const needs = `about ${inWords(requiredBytes)} of the ${inWords(availableBytes)} that are available`;
      return { file, reason: `${name}: ${reason}; it needs ${needs}.` };
    }
  }
  return smallestThatFits(files, machine, loaded);
}

/** Nothing keeps from a better one where the usual is not on offer. */
function isBetterThanUsual(name: string, files: readonly QuantizedFile[]): boolean {
  const names = wanted.map(([one]) => one);
  return (
    names.indexOf(name) < names.indexOf(usual) &&
    files.some(({ quantization }) => quantization?.toUpperCase() === usual)
  );
}

/** Where the names say nothing. */
function smallestThatFits<File extends QuantizedFile>(
  files: readonly File[],
  machine: Machine,
  loaded: readonly LoadedSlot[],
): { file: File; reason: string } | null {
  const smallest = files.toSorted((a, b) => a.sizeBytes - b.sizeBytes)[0];
  if (!smallest) return null;
  const { verdict, sentence } = judgeBySize(smallest.sizeBytes, machine, loaded);
  return verdict === "does_not_fit" ? null : { file: smallest, reason: `The smallest file. ${sentence}` };
}
