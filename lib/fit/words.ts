/** Verdicts on memory in sentences for people. */
import { inWords } from "../bytes.ts";
import type { Change, ChangedOptions } from "./changes.ts";
import type { LoadedSlot } from "./figures.ts";
import type { FitVerdict } from "./verdict.ts";

export function sentenceOf(verdict: Omit<FitVerdict, "sentence">, modelId: string): string {
  const { requiredBytes, availableBytes, marginBytes } = verdict;
  if (verdict.verdict === "unknown")
    return `How much memory ${modelId} needs cannot be told: its file does not say enough.`;
  const needs = `${modelId} needs ${need(verdict)}; ${inWords(availableBytes)} of memory are available, of which ${inWords(marginBytes)} stay free`;
  if (verdict.verdict === "fits") return `${needs}: it fits.${growth(verdict)}`;
  if (verdict.verdict === "does_not_fit") return `${needs}: it does not fit, whatever is changed.`;
  const ways = verdict.changes.map(({ sentence }) => sentence);
  const short = requiredBytes - (availableBytes - marginBytes);
  const what = short > 0 ? `it is ${inWords(short)} too large` : "the GPU has too little memory";
  return `${needs}: ${what}. It fits ${ways.join(", or ")}.`;
}

function need({ requiredBytes, gpuRequiredBytes, gpuAvailableBytes }: Omit<FitVerdict, "sentence">): string {
  const ram = inWords(requiredBytes);
  if (gpuRequiredBytes === 0) return ram;
  return `${ram}, and ${inWords(gpuRequiredBytes)} of the ${inWords(gpuAvailableBytes)} on the GPU`;
}

/** What comes on top in time is no reason to refuse a model, but one to know. */
function growth({ requiredBytes, availableBytes, estimate }: Omit<FitVerdict, "sentence">): string {
  const grown = requiredBytes + (estimate?.growthBytes ?? 0);
  if (!estimate || grown <= availableBytes) return "";
  return ` Prompts that it keeps may take ${inWords(estimate.growthBytes)} more in time, which is too much: lower cache_ram_mb.`;
}

/** As "with ctx_size 4096" or "after unloading slot 4802 (qwen)". */
export function sentenceOfChange(
  options: ChangedOptions,
  unload: Change["unload"],
  loaded: readonly LoadedSlot[],
): string {
  const settings = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  const slots = unload.map((port) => {
    const model = loaded.find((slot) => slot.port === port)?.modelId;
    return `slot ${port}${model === undefined ? "" : ` (${model})`}`;
  });
  const parts = [
    ...(settings.length > 0 ? [`with ${settings.join(", ")}`] : []),
    ...(slots.length > 0 ? [`after unloading ${slots.join(" and ")}`] : []),
  ];
  return parts.join(" ");
}
