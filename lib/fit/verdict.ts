/** Whether a model fits into the memory that is there now, and what would make it fit. */
import { type Change, changesThatHelp } from "./changes.ts";
import { estimateMemory, type MemoryEstimate } from "./estimate.ts";
import {
  availableBytes,
  type Figures,
  type FitQuestion,
  figuresOf,
  fits,
  marginBytes,
  resolve,
} from "./figures.ts";
import { usableGpuBytes } from "./gpu-layers.ts";
import { sentenceOf } from "./words.ts";

export interface FitVerdict extends Figures {
  verdict: "fits" | "fits_with" | "does_not_fit" | "unknown";
  /** Must stay free. */
  marginBytes: number;
  estimate: MemoryEstimate | null;
  isLearned: boolean;
  /** Each makes it fit, the one that costs least first. */
  changes: Change[];
  sentence: string;
}

export function judge(question: FitQuestion): FitVerdict {
  const { shape, machine, loaded, learnedBytes } = question;
  const margin = marginBytes(machine);
  const none = { gpuRequiredBytes: 0, gpuAvailableBytes: usableGpuBytes(machine.gpus), gpuLayers: 0 };
  if (!shape) {
    const figures = { requiredBytes: 0, availableBytes: availableBytes(machine, loaded), ...none };
    const unknown = { ...figures, verdict: "unknown" as const, marginBytes: margin, estimate: null };
    const verdict = { ...unknown, isLearned: false, changes: [] };
    return { ...verdict, sentence: sentenceOf(verdict, question.modelId) };
  }
  const figures = figuresOf(question, shape, question.settings, []);
  const isFit = fits(figures, margin);
  const changes = isFit ? [] : changesThatHelp(question, shape, margin);
  const verdict = {
    ...figures,
    verdict: isFit
      ? ("fits" as const)
      : changes.length > 0
        ? ("fits_with" as const)
        : ("does_not_fit" as const),
    marginBytes: margin,
    estimate: estimateMemory(shape, resolve(question, shape, question.settings)),
    isLearned: learnedBytes !== null,
    changes,
  };
  return { ...verdict, sentence: sentenceOf(verdict, question.modelId) };
}
