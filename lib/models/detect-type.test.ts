import { describe, expect, it } from "vitest";
import { capabilitiesOf, detectType } from "./detect-type.ts";
import type { Pooling } from "./gguf-facts.ts";

const eyes = { vision: true, audio: false };
const ears = { vision: false, audio: true };
const both = { vision: true, audio: true };

/** Architecture, pooling, rank head, name, projector; then type and rerank. */
const table: [string, Pooling | null, boolean, string, typeof eyes | null, string, boolean][] = [
  ["llama", null, false, "SmolLM2-135M-Instruct", null, "text", false],
  ["llama", "none", false, "Llama-3", null, "text", false],
  ["qwen2vl", null, false, "Qwen2.5-VL-7B", eyes, "vision", false],
  ["qwen2vl", null, false, "Qwen2.5-VL-7B without its projector", null, "text", false],
  ["qwen2.5-omni", null, false, "Qwen2.5-Omni-7B", both, "omni", false],
  ["llama", null, false, "Voxtral-Mini", ears, "audio", false],
  ["bert", "mean", false, "bge-small", null, "embedding", false],
  ["nomic-bert-moe", null, false, "nomic-embed-text-v2", null, "embedding", false],
  ["bert", "rank", true, "bge-reranker", null, "embedding", true],
  ["qwen3", "last", false, "Qwen3-Embedding-0.6B", null, "embedding", false],
  ["qwen3", null, true, "some-model-with-a-rank-head", null, "embedding", true],
  ["qwen3", null, false, "Qwen3-Reranker-0.6B-Q8_0", null, "embedding", true],
  ["qwen2", null, false, "gte-Qwen2-1.5B-instruct", null, "embedding", false],
  ["gemma-embedding", null, false, "embeddinggemma-300M", null, "embedding", false],
  ["qwen2vl", "last", false, "gme-Qwen2-VL", eyes, "vision-embedding", false],
  ["gemma3n", null, false, "gemma-3n-E4B-it", null, "text", false],
  ["llama", null, false, "OuteTTS-0.2-500M", null, "tts", false],
  ["wavtokenizer-dec", null, false, "WavTokenizer", null, "tts", false],
];

describe("a model's type", () => {
  it.each(table)(
    "%s pooling %s rank %s %s %o is %s",
    (architecture, pooling, rankHead, name, beside, type, rerank) => {
      expect(detectType({ architecture, pooling, rankHead }, name, beside)).toEqual({ type, rerank });
    },
  );

  it("says what requests it can serve", () => {
    expect(capabilitiesOf({ type: "omni", rerank: false })).toEqual(["text", "image", "audio"]);
    expect(capabilitiesOf({ type: "embedding", rerank: false })).toEqual(["embedding"]);
    expect(capabilitiesOf({ type: "embedding", rerank: true })).toEqual(["rerank"]);
  });
});
