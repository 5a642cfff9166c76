/** Verdicts on memory as admins see them. */
import type { Figures } from "../fit/figures.ts";
import type { FitVerdict } from "../fit/verdict.ts";
import type { FitAnswer } from "../slots/types.ts";
import type { FitReply } from "./schemas/fit.ts";

export function fitReply({ model, verdict, warnings }: FitAnswer): FitReply {
  const shown = verdict ?? remote;
  return {
    model,
    verdict: shown.verdict,
    sentence: shown.sentence,
    ...figuresReply(shown),
    margin_bytes: shown.marginBytes,
    estimate: shown.estimate && estimateReply(shown.estimate),
    learned: shown.isLearned,
    changes: shown.changes.map((change) => ({
      options: change.options,
      unload: change.unload,
      ...figuresReply(change),
      sentence: change.sentence,
    })),
    warnings: [...warnings],
  };
}

const remote: FitVerdict = {
  verdict: "fits",
  sentence: "It runs elsewhere and takes no memory here.",
  requiredBytes: 0,
  availableBytes: 0,
  gpuRequiredBytes: 0,
  gpuAvailableBytes: 0,
  gpuLayers: 0,
  marginBytes: 0,
  estimate: null,
  isLearned: false,
  changes: [],
};

function figuresReply(figures: Figures) {
  return {
    required_bytes: Math.round(figures.requiredBytes),
    available_bytes: Math.round(figures.availableBytes),
    gpu_required_bytes: Math.round(figures.gpuRequiredBytes),
    gpu_available_bytes: Math.round(figures.gpuAvailableBytes),
    gpu_layers: figures.gpuLayers,
  };
}

function estimateReply(estimate: NonNullable<FitVerdict["estimate"]>): NonNullable<FitReply["estimate"]> {
  return {
    weights_bytes: Math.round(estimate.weightsBytes),
    context_bytes: Math.round(estimate.contextBytes),
    compute_bytes: Math.round(estimate.computeBytes),
    projector_bytes: Math.round(estimate.projectorBytes),
    overhead_bytes: Math.round(estimate.overheadBytes),
    total_bytes: Math.round(estimate.totalBytes),
    ram_bytes: Math.round(estimate.ramBytes),
    gpu_bytes: Math.round(estimate.gpuBytes),
    reclaimable_bytes: Math.round(estimate.reclaimableBytes),
    growth_bytes: Math.round(estimate.growthBytes),
  };
}
