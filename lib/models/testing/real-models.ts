/**
 * What the headers of published files say, as far as it tells their types: architecture, pooling, heads, sounds in the
 * vocabulary, tags of their pages, and the flags of their projectors. Files named twice exist in both ways.
 */
import type { Pooling } from "../gguf-facts.ts";

export interface RealModel {
  file: string;
  architecture: string;
  pooling?: Pooling;
  /** `{architecture}.attention.causal`. */
  causal?: false;
  tensors?: readonly string[];
  tags?: readonly string[];
  speechCodes?: number;
  /** Entries of the projector beside it. */
  projector?: Record<string, string | boolean>;
}

const sees = (type: string) => ({ "clip.has_vision_encoder": true, "clip.projector_type": type });
const hears = (type: string) => ({ "clip.has_audio_encoder": true, "clip.projector_type": type });
const both = (eyes: string, ears: string) => ({
  "clip.has_vision_encoder": true,
  "clip.has_audio_encoder": true,
  "clip.vision.projector_type": eyes,
  "clip.audio.projector_type": ears,
});
const bert = { causal: false } as const;
const sentences = ["sentence-transformers", "feature-extraction", "sentence-similarity"];
const ranks = ["cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"];

export const textModels: readonly RealModel[] = [
  { file: "SmolLM2-135M-Instruct-Q8_0", architecture: "llama" },
  {
    file: "Meta-Llama-3.1-8B-Instruct-Q4_K_M",
    architecture: "llama",
    tags: ["facebook", "meta", "llama-3", "text-generation"],
  },
  { file: "Mixtral-8x7B-Instruct-v0.1-Q4_K_M", architecture: "llama" },
  { file: "qwen2.5-7b-instruct-q4_k_m", architecture: "qwen2", tags: ["chat", "text-generation"] },
  { file: "Qwen3-8B-Q4_K_M", architecture: "qwen3", tags: ["text-generation"] },
  { file: "Qwen3-30B-A3B-Instruct-2507-UD-Q4_K_XL", architecture: "qwen3moe", tags: ["unsloth"] },
  { file: "gpt-oss-20b-mxfp4", architecture: "gpt-oss", tags: ["vllm", "text-generation"] },
  {
    file: "phi-4-Q4_K_M",
    architecture: "phi3",
    tags: ["phi", "nlp", "math", "code", "chat", "conversational"],
  },
  { file: "gemma-3n-E4B-it-Q8_0", architecture: "gemma3n", tags: ["image-text-to-text"] },
  { file: "Falcon-H1-1.5B-Instruct-Q8_0", architecture: "falcon-h1", tags: ["falcon-h1"] },
  { file: "mamba-2.8b-hf-Q8_0", architecture: "mamba" },
  { file: "rwkv7-191M-world-Q8_0", architecture: "rwkv7" },
  // Their names or their ways of reading look like those of encoders.
  { file: "openPangu-Embedded-7B-Q4_K_M", architecture: "pangu-embedded" },
  { file: "LLaDA-8B-Instruct-Q4_K_M", architecture: "llada", causal: false },
  { file: "Dream-v0-Instruct-7B-Q4_K_M", architecture: "dream", causal: false },
  { file: "GritLM-7B-Q4_K_M", architecture: "llama", tags: ["mteb", "text-generation"] },
  // Rerankers that were converted as what they are built on: llama-server scores everything as nothing with them.
  { file: "Qwen3-Reranker-0.6B.Q8_0", architecture: "qwen3", tags: ["transformers", "text-ranking"] },
  {
    file: "zerank-2.Q6_K",
    architecture: "qwen3",
    tags: ["finance", "legal", "code", "stem", "text-ranking"],
  },
  { file: "bge-reranker-v2-gemma.Q8_0", architecture: "gemma" },
  // Made for images, and alone.
  {
    file: "Qwen2.5-VL-7B-Instruct-Q4_K_M",
    architecture: "qwen2vl",
    tags: ["multimodal", "image-text-to-text"],
  },
];

export const sensingModels: readonly (RealModel & { type: "vision" | "omni" | "audio" })[] = [
  {
    type: "vision",
    file: "Qwen2.5-VL-7B-Instruct-Q4_K_M",
    architecture: "qwen2vl",
    projector: sees("qwen2.5vl_merger"),
  },
  { type: "vision", file: "gemma-3-4b-it-Q4_K_M", architecture: "gemma3", projector: sees("gemma3") },
  {
    type: "vision",
    file: "llava-v1.6-mistral-7b.Q4_K_M",
    architecture: "llama",
    projector: {
      "clip.has_text_encoder": false,
      "clip.has_vision_encoder": true,
      "clip.has_llava_projector": true,
    },
  },
  { type: "vision", file: "MiniCPM-V-2_6-Q4_K_M", architecture: "qwen2", projector: sees("resampler") },
  {
    type: "vision",
    file: "SmolVLM2-500M-Video-Instruct-Q8_0",
    architecture: "llama",
    projector: sees("idefics3"),
  },
  {
    type: "vision",
    file: "InternVL3-8B-Instruct-Q4_K_M",
    architecture: "qwen2",
    projector: sees("internvl"),
  },
  { type: "vision", file: "pixtral-12b-Q4_K_M", architecture: "llama", projector: sees("pixtral") },
  {
    type: "vision",
    file: "Qwen3VL-8B-Instruct-Q4_K_M",
    architecture: "qwen3vl",
    projector: sees("qwen3vl_merger"),
  },
  { type: "vision", file: "moondream2-text-model-f16", architecture: "phi2", projector: sees("mlp") },
  {
    type: "omni",
    file: "Qwen2.5-Omni-7B-Q4_K_M",
    architecture: "qwen2vl",
    tags: ["multimodal", "any-to-any"],
    projector: both("qwen2.5vl_merger", "qwen2a"),
  },
  {
    type: "omni",
    file: "gemma-4-E4B-it-Q4_K_M",
    architecture: "gemma4",
    projector: both("gemma4v", "gemma4a"),
  },
  {
    type: "audio",
    file: "ultravox-v0_5-llama-3_2-1b-Q8_0",
    architecture: "llama",
    projector: hears("ultravox"),
  },
  { type: "audio", file: "Voxtral-Mini-3B-2507-Q4_K_M", architecture: "llama", projector: hears("voxtral") },
  {
    type: "audio",
    file: "Qwen2-Audio-7B-Instruct.Q4_K_M",
    architecture: "qwen2",
    projector: hears("qwen2a"),
  },
  {
    type: "audio",
    file: "Qwen3-ASR-0.6B-Q8_0",
    architecture: "qwen3",
    tags: ["automatic-speech-recognition"],
    projector: hears("qwen3a"),
  },
  {
    type: "audio",
    file: "LFM2-Audio-1.5B-Q8_0",
    architecture: "lfm2",
    // It answers by sound as well.
    speechCodes: 2_049,
    projector: { ...hears("lfm2a"), "clip.has_vision_encoder": false },
  },
];

export const embeddingModels: readonly RealModel[] = [
  { file: "bge-small-en-v1.5-q8_0", architecture: "bert", pooling: "cls", ...bert },
  { file: "all-MiniLM-L6-v2-Q8_0", architecture: "bert", pooling: "mean", ...bert },
  { file: "mxbai-embed-large-v1-f16", architecture: "bert", pooling: "cls", ...bert },
  { file: "multilingual-e5-large-instruct-q8_0", architecture: "bert", pooling: "mean", ...bert },
  {
    file: "snowflake-arctic-embed-l-v2.0-q8_0",
    architecture: "bert",
    pooling: "cls",
    ...bert,
    tags: sentences,
  },
  { file: "nomic-embed-text-v1.5.Q8_0", architecture: "nomic-bert", pooling: "mean", ...bert },
  { file: "nomic-embed-text-v2-moe.Q8_0", architecture: "nomic-bert-moe", pooling: "mean", ...bert },
  { file: "jina-embeddings-v2-base-en-Q8_0", architecture: "jina-bert-v2", pooling: "mean", ...bert },
  { file: "granite-embedding-english-r2-Q8_0", architecture: "modern-bert", pooling: "cls", ...bert },
  { file: "embeddinggemma-300M-Q8_0", architecture: "gemma-embedding", pooling: "mean", tags: sentences },
  { file: "Qwen3-Embedding-0.6B-Q8_0", architecture: "qwen3", pooling: "last", tags: sentences },
  { file: "nomic-embed-code.Q4_K_M", architecture: "qwen2", pooling: "last" },
  { file: "llama-embed-nemotron-8b-Q4_K_M", architecture: "llama-embed", ...bert },
  { file: "gte-Qwen2-1.5B-instruct-Q8_0", architecture: "qwen2", tags: ["mteb", "sentence-transformers"] },
  // Converted before files said how they pool.
  { file: "gte-Qwen2-7B-instruct-Q4_K_M", architecture: "qwen2" },
  { file: "e5-mistral-7b-instruct-Q4_K_M", architecture: "llama" },
  { file: "SFR-Embedding-Mistral-Q4_K_M", architecture: "llama" },
  { file: "bge-multilingual-gemma2-Q4_K_M", architecture: "gemma2" },
  {
    file: "LFM2-ColBERT-350M-Q8_0",
    architecture: "lfm2",
    pooling: "none",
    tags: ["ColBERT", "sentence-similarity"],
  },
  // Its projector is not beside it.
  { file: "jina-embeddings-v4-text-retrieval-Q4_K_M", architecture: "qwen2vl" },
];

export const seeingEmbeddingModels: readonly RealModel[] = [
  { file: "gme-Qwen2-VL-2B-Instruct-Q8_0", architecture: "qwen2vl", projector: sees("qwen2vl_merger") },
  {
    file: "Qwen3-VL-Embedding-2B-Q8_0",
    architecture: "qwen3vl",
    pooling: "last",
    projector: sees("qwen3vl_merger"),
  },
  {
    file: "jina-embeddings-v4-text-retrieval-Q8_0",
    architecture: "qwen2vl",
    projector: sees("qwen2.5vl_merger"),
  },
];

export const rerankers: readonly RealModel[] = [
  { file: "bge-reranker-v2-m3-Q8_0", architecture: "bert", tensors: ranks, ...bert },
  { file: "jina-reranker-v1-tiny-en-f16", architecture: "jina-bert-v2", tensors: ranks, ...bert },
  {
    file: "ms-marco-MiniLM-L6-v2-Q8_0",
    architecture: "bert",
    pooling: "rank",
    tensors: ["cls.output.weight"],
  },
  {
    file: "qwen3-reranker-0.6b-q8_0",
    architecture: "qwen3",
    pooling: "rank",
    tensors: ["cls.output.weight"],
  },
  {
    file: "Qwen3-VL-Reranker-2B-Q8_0",
    architecture: "qwen3vl",
    pooling: "rank",
    tensors: ["cls.output.weight"],
    projector: sees("qwen3vl_merger"),
  },
];

export const speakingModels: readonly RealModel[] = [
  { file: "OuteTTS-0.2-500M-Q8_0", architecture: "qwen2", tags: ["text-to-speech"], speechCodes: 4_101 },
  { file: "OuteTTS-0.3-1B-Q8_0", architecture: "olmo", speechCodes: 4_101 },
  { file: "Llama-OuteTTS-1.0-1B-Q8_0", architecture: "llama", speechCodes: 2_050 },
  { file: "orpheus-3b-0.1-ft-q4_k_m", architecture: "llama", speechCodes: 28_683 },
  { file: "renamed-by-somebody", architecture: "llama", speechCodes: 28_683 },
  { file: "neutts-air-Q8_0", architecture: "qwen2", speechCodes: 65_536 },
  { file: "Llasa-1B-Q8_0", architecture: "llama", speechCodes: 65_536 },
  { file: "WavTokenizer-Large-75-F16", architecture: "wavtokenizer-dec", causal: false },
  { file: "Kokoro_espeak_Q8", architecture: "kokoro" },
  { file: "Dia_Q8", architecture: "dia" },
];
