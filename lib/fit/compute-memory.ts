/**
 * What a calculation takes besides weights and contexts. llama.cpp lays it out for the largest batch when it starts,
 * and the memory is taken as larger and larger prompts come.
 *
 * The formulas are fitted to the lines "compute buffer size" that llama-server 0.7.0 prints for 40 combinations of width,
 * feed-forward width, heads, context, batch, experts and attention (estimate.test.ts has the most of them): what is alive at
 * once is the mask, and either the numbers around the attention or those around the feed-forward part. They are
 * within 15 % of it.
 */
import type { ModelShape } from "../models/model-shape.ts";
import { contextTokens } from "./context-memory.ts";
import type { FitSettings } from "./settings.ts";

const bytesPerNumber = 4;
/** With flash attention the mask is kept in half the precision, and scores are never kept as a whole. */
const bytesPerMaskNumber = { flash: 2, plain: 4 };

type ComputeSettings = Pick<FitSettings, "ctxSize" | "parallel" | "batchSize" | "flashAttention">;

/** Bytes. */
export function computeBytes(shape: ModelShape, settings: ComputeSettings): number {
  const { whole, window } = contextTokens(shape, settings);
  const tokens = Math.min(settings.batchSize, whole * settings.parallel);
  const seen = shape.isEncoder ? tokens : whole;
  const masked = seen + (shape.swaLayers?.includes(true) && !shape.isEncoder ? window : 0);
  const perMaskNumber = settings.flashAttention ? bytesPerMaskNumber.flash : bytesPerMaskNumber.plain;
  const scores = settings.flashAttention ? 0 : shape.heads * seen;
  const attention = scores + attentionNumbers(shape);
  const numbers = Math.max(attention, feedForwardNumbers(shape));
  return tokens * (masked * perMaskNumber + numbers * bytesPerNumber) + outputBytes(shape, settings.parallel);
}

/** Numbers per token, scores left out. */
function attentionNumbers(shape: ModelShape): number {
  const queries = shape.heads * shape.keyLength;
  const keys = Math.max(0, ...shape.kvHeadsPerLayer) * Math.max(shape.keyLength, shape.valueLength);
  if (shape.isEncoder) return 7 * shape.embeddingLength;
  return 4 * shape.embeddingLength + 2 * queries + 2 * keys;
}

function feedForwardNumbers(shape: ModelShape): number {
  const { embeddingLength: width, feedForwardLength, expertUsedCount } = shape;
  // BERT itself has no gate beside its feed-forward part; its successors have.
  if (shape.architecture === "bert") return feedForwardLength + 6 * width;
  const experts = expertUsedCount ?? 1;
  const gated = 3 * experts * feedForwardLength + 5 * width;
  return expertUsedCount === null
    ? gated
    : Math.max(gated, experts * (feedForwardLength + width) + 3 * width);
}

/** A number for each word, for each sequence that is asked for its next one: in the graph and in what is read from it. */
function outputBytes(shape: ModelShape, parallel: number): number {
  return shape.isEncoder ? 0 : 2 * shape.vocabularySize * parallel * bytesPerNumber;
}
