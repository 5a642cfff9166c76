/** What a model can be used for, judged by its header, its name and the projector beside it. */
import type { Capability, ModelType } from "../slots/types.ts";
import type { GgufFacts } from "./gguf-facts.ts";

/** Encoders: they give vectors, never text. */
const encoders = /^(.*bert.*|gemma-embedding|t5encoder|llama-embed)$/;
/** Embedding models of a text architecture whose older files do not say how they pool. */
const embeddingName = /(^|[-_.])(embed(ding)?s?|gte|e5)([-_.]|$)/i;
const rerankName = /(^|[-_.])re-?rank(er)?([-_.]|$)/i;
const speechName = /(^|[-_.])(outetts|tts)([-_.]|$)/i;

export interface DetectedType {
  type: ModelType;
  rerank: boolean;
}

/**
 * @param name the model's name, for files whose header leaves it open
 * @param projector the projector that will be loaded with it, or null
 */
export function detectType(
  facts: Pick<GgufFacts, "architecture" | "pooling" | "rankHead">,
  name: string,
  projector: Pick<GgufFacts, "vision" | "audio"> | null,
): DetectedType {
  const rerank = facts.rankHead || rerankName.test(name);
  if (rerank || givesVectors(facts, name))
    return { type: projector?.vision ? "vision-embedding" : "embedding", rerank };
  if (projector?.vision) return { type: projector.audio ? "omni" : "vision", rerank: false };
  if (projector?.audio) return { type: "audio", rerank: false };
  if (facts.architecture === "wavtokenizer-dec" || speechName.test(name))
    return { type: "tts", rerank: false };
  return { type: "text", rerank: false };
}

function givesVectors(facts: Pick<GgufFacts, "architecture" | "pooling">, name: string): boolean {
  if (facts.pooling !== null && facts.pooling !== "none") return true;
  return encoders.test(facts.architecture ?? "") || embeddingName.test(name);
}

/** What requests a model of this type can serve. */
export function capabilitiesOf({ type, rerank }: DetectedType): readonly Capability[] {
  const capabilities: Record<ModelType, readonly Capability[]> = {
    text: ["text"],
    vision: ["text", "image"],
    omni: ["text", "image", "audio"],
    embedding: rerank ? ["rerank"] : ["embedding"],
    "vision-embedding": ["embedding", "image"],
    audio: ["transcription"],
    tts: ["speech"],
  };
  return capabilities[type];
}
