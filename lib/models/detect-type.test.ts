import { describe, expect, it } from "vitest";
import { capabilitiesOf, detectType, type TypeVerdict } from "./detect-type.ts";
import { whyNoEngine } from "./foreign-architectures.ts";
import { describe as describeHeader, poolings } from "./gguf-facts.ts";
import { modelName } from "./model-id.ts";
import {
  embeddingModels,
  type RealModel,
  rerankers,
  seeingEmbeddingModels,
  sensingModels,
  speakingModels,
  textModels,
} from "./testing/real-models.ts";

function tensors(names: readonly string[]) {
  return names.map((name) => ({ name, shape: [1n], dtype: 0, offset: 0n }));
}

/** By the same way as a file's: from the entries of its header to its type. */
function typeOf({ architecture, pooling, causal, tags, ...model }: RealModel): TypeVerdict {
  const metadata = {
    "general.architecture": architecture,
    ...(tags && { "general.tags": tags }),
    ...(pooling && { [`${architecture}.pooling_type`]: poolings.indexOf(pooling) }),
    ...(causal === false && { [`${architecture}.attention.causal`]: false }),
  };
  const facts = describeHeader(metadata, tensors(model.tensors ?? []), model.speechCodes);
  const projector = model.projector
    ? describeHeader({ "general.architecture": "clip", ...model.projector }, [])
    : null;
  return detectType(facts, modelName(`${model.file}.gguf`), projector);
}

describe("the type of a published model", () => {
  it.each(textModels)("$file is text", (model) => {
    expect(typeOf(model)).toMatchObject({ type: "text", rerank: false });
  });
  it.each(sensingModels)("$file is $type with its projector", ({ type, ...model }) => {
    expect(typeOf(model)).toMatchObject({ type, rerank: false });
  });
  it.each(embeddingModels)("$file is an embedding model", (model) => {
    expect(typeOf(model)).toMatchObject({ type: "embedding", rerank: false });
  });
  it.each(seeingEmbeddingModels)("$file gives vectors of images too", (model) => {
    expect(typeOf(model)).toMatchObject({ type: "vision-embedding", rerank: false });
  });
  it.each(rerankers)("$file is a reranker", (model) => {
    expect(typeOf(model)).toMatchObject({ type: "embedding", rerank: true });
  });
  it.each(speakingModels)("$file speaks", (model) => {
    expect(typeOf(model)).toMatchObject({ type: "tts", rerank: false });
  });
});

describe("the reason", () => {
  const reason = (part: Partial<RealModel>) =>
    typeOf({ file: "model", architecture: "llama", ...part }).reason;

  it.each([
    [{}, "It writes text (llama)."],
    [{ pooling: "mean" as const }, "It makes one vector of a text (pooling mean)."],
    [{ architecture: "bert" }, "Its architecture (bert) is an encoder."],
    [{ tags: ["sentence-similarity"] }, "Its page says that it gives vectors (sentence-similarity)."],
    [{ file: "e5-mistral-7b" }, "Its name says that it gives vectors."],
    [{ speechCodes: 4096 }, "Its vocabulary has 4096 words that stand for sounds."],
    [{ file: "some-reranker" }, /named a reranker, but its file lacks the head/],
    [{ architecture: "qwen3vl" }, /made for more than text \(qwen3vl\), but its projector \(mmproj\) is not/],
  ])("%o: %s", (part, expected) => {
    expect(reason(part)).toMatch(expected);
  });
});

describe("names that only look like another type's", () => {
  it.each([
    "Some-Merge-13b-e5-Q4_K_M",
    "Some-Model-7B-Q6_K-embed-f16",
    "Some-Model-embed-q8_0",
    "embedded-systems-coder",
    "Kilowatts-7B",
    "gteasy-1b",
    "frankie-7b",
  ])("%s is text", (file) => {
    expect(typeOf({ file, architecture: "llama" }).type).toBe("text");
  });

  it("count less than the page, which says that it writes", () => {
    const model = { file: "my-tts-tests", architecture: "llama", tags: ["text-generation"] };
    expect(typeOf(model).type).toBe("text");
  });
});

it("is not asked of an engine that cannot run it", () => {
  expect(whyNoEngine("flux")).toBe("No engine here runs it: it makes pictures or films (flux).");
  expect(whyNoEngine("wavtokenizer-dec")).toMatch(/llama-tts/);
  expect(whyNoEngine("llama")).toBeNull();
  expect(whyNoEngine("an-architecture-of-next-year")).toBeNull();
});

it("says what requests it can serve", () => {
  expect(capabilitiesOf({ type: "omni", rerank: false })).toEqual(["text", "image", "audio"]);
  expect(capabilitiesOf({ type: "embedding", rerank: false })).toEqual(["embedding"]);
  expect(capabilitiesOf({ type: "vision-embedding", rerank: false })).toEqual(["embedding", "image"]);
  expect(capabilitiesOf({ type: "embedding", rerank: true })).toEqual(["rerank"]);
});
