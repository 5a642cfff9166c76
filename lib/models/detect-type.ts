/** What a model can be used for, judged by its header, its name and the projector beside it. */
import type { Capability, ModelType } from "../slots/types.ts";
import { isSpeechArchitecture } from "./foreign-architectures.ts";
import type { GgufFacts } from "./gguf-facts.ts";
import { namesEmbedding, namesReranker, namesSpeech } from "./model-names.ts";
import { fewestSpeechCodes } from "./speech-codes.ts";

/** Encoders: they give vectors, never text. */
const encoders = /^(.*bert.*|gemma-embedding|t5encoder|llama-embed)$/;
/** They read a text as a whole as encoders do, and write all the same. */
const diffusion = /^(dream|llada.*|rnd1|diffusion-.*)$/;

export interface DetectedType {
  type: ModelType;
  rerank: boolean;
}

export interface TypeVerdict extends DetectedType {
  /** In words, for the admin: what the type was seen by. */
  reason: string;
}

/** What of a header tells the type. */
export type TypeEvidence = Pick<
  GgufFacts,
  "architecture" | "pooling" | "rankHead" | "tags" | "speechCodes" | "shape"
>;

type Senses = Pick<GgufFacts, "vision" | "audio">;

/**
 * What the file itself says counts more than what its page says, and that more than a name.
 * @param name the model's name, for files whose header leaves it open
 * @param projector the projector that will be loaded with it, or null
 */
export function detectType(facts: TypeEvidence, name: string, projector: Senses | null): TypeVerdict {
  const speech = whySpeech(facts, name, projector);
  if (speech) return { type: "tts", rerank: false, reason: speech };
  const scores = whyRerank(facts, name);
  if (scores) return { type: "embedding", rerank: true, reason: scores };
  const vectors = whyVectors(facts, name);
  if (vectors && projector?.vision)
    return { type: "vision-embedding", rerank: false, reason: `${vectors} Its projector sees images.` };
  if (vectors) return { type: "embedding", rerank: false, reason: vectors };
  if (projector?.vision && projector.audio)
    return { type: "omni", rerank: false, reason: "Its projector sees images and hears sound." };
  if (projector?.vision) return { type: "vision", rerank: false, reason: "Its projector sees images." };
  if (projector?.audio)
    return { type: "audio", rerank: false, reason: "Its projector hears sound, and sees nothing." };
  return { type: "text", rerank: false, reason: whyText(facts, name) };
}

function whySpeech(facts: TypeEvidence, name: string, projector: Senses | null): string | null {
  const { architecture, tags, speechCodes } = facts;
  if (isSpeechArchitecture(architecture)) return `Its architecture (${architecture}) makes speech.`;
  if (tags.includes("text-to-speech")) return "Its page says that it speaks (text-to-speech).";
  // With a projector it is a model that listens and answers by sound.
  if (speechCodes >= fewestSpeechCodes && !projector)
    return `Its vocabulary has ${speechCodes} words that stand for sounds.`;
  if (namesSpeech(name) && !tags.includes("text-generation")) return "Its name says that it speaks.";
  return null;
}

function whyRerank(facts: TypeEvidence, name: string): string | null {
  if (facts.rankHead) return "It has a head that scores how well a document answers a query.";
  const isNamed = namesReranker(name) || facts.tags.includes("text-ranking");
  return isEncoder(facts) && isNamed ? "It is an encoder, and named a reranker." : null;
}

function whyVectors(facts: TypeEvidence, name: string): string | null {
  const { architecture, pooling, tags } = facts;
  if (pooling !== null && pooling !== "none") return `It makes one vector of a text (pooling ${pooling}).`;
  if (isEncoder(facts)) return `Its architecture (${architecture}) is an encoder.`;
  const writes = tags.some((tag) =>
    ["text-generation", "conversational", "image-text-to-text"].includes(tag),
  );
  const tag = tags.find((one) => one.startsWith("sentence-") || (one === "feature-extraction" && !writes));
  if (tag) return `Its page says that it gives vectors (${tag}).`;
  return namesEmbedding(name) ? "Its name says that it gives vectors." : null;
}

function whyText({ architecture, tags }: TypeEvidence, name: string): string {
  if (namesReranker(name) || tags.includes("text-ranking"))
    return "It is named a reranker, but its file lacks the head that scores, so that it can only write.";
  const senses = ["image-text-to-text", "any-to-any", "audio-text-to-text", "automatic-speech-recognition"];
  const tag = tags.find((one) => senses.includes(one));
  if (tag || /vl(moe)?$|omni/.test(architecture ?? ""))
    return `It is made for more than text (${tag ?? architecture}), but its projector (mmproj) is not beside it.`;
  if (architecture === null) return "Nothing says what it is for: it is taken for one that writes text.";
  return `It writes text (${architecture}).`;
}

function isEncoder({ architecture, shape }: TypeEvidence): boolean {
  if (diffusion.test(architecture ?? "")) return false;
  return shape?.isEncoder === true || encoders.test(architecture ?? "");
}

/** What requests a model of this type can serve. */
export function capabilitiesOf({ type, rerank }: DetectedType): readonly Capability[] {
  if (rerank) return ["rerank"];
  const capabilities: Record<ModelType, readonly Capability[]> = {
    text: ["text"],
    vision: ["text", "image"],
    omni: ["text", "image", "audio"],
    embedding: ["embedding"],
    "vision-embedding": ["embedding", "image"],
    audio: ["transcription"],
    tts: ["speech"],
  };
  return capabilities[type];
}
