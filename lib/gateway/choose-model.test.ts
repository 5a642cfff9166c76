import { describe, expect, it } from "vitest";
import { isGatewayError } from "../errors.ts";
import type { ModelType, RoutableModel } from "../slots/types.ts";
import { chooseModel } from "./choose-model.ts";

const capabilitiesOf = {
  text: ["text"],
  vision: ["text", "image"],
  embedding: ["embedding"],
} as const;

function model(
  id: string,
  type: keyof typeof capabilitiesOf = "text",
  status: RoutableModel["status"] = "ready",
): RoutableModel {
  const modelType: ModelType = type;
  return {
    id,
    type: modelType,
    capabilities: capabilitiesOf[type],
    contextLength: 4096,
    status,
    createdS: 1,
  };
}

const rules = {
  aliases: { "gpt-4o": "auto", fast: "Qwen2.5-7B-Instruct-Q4_K_M", gone: "nowhere" },
  fallback: false,
};
const qwen = model("Qwen2.5-7B-Instruct-Q4_K_M");
const vision = model("Llava-1.6", "vision");
const embedding = model("bge-small", "embedding");
const cold = model("Mistral-7B", "text", "loadable");
const models = [qwen, vision, embedding, cold];

function refusal(run: () => unknown): { status: number; message: string } {
  try {
    run();
  } catch (error) {
    if (isGatewayError(error)) return { status: error.status, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("chooseModel", () => {
  it.each([
    ["its id", "Qwen2.5-7B-Instruct-Q4_K_M"],
    ["its id in another case, with .gguf", "qwen2.5-7b-instruct-q4_k_m.GGUF"],
    ["an alias", "fast"],
    ["an alias to auto", "gpt-4o"],
    ["a part of its name", "qwen"],
    ["no name", undefined],
    ["auto", "auto"],
  ])("finds a model by %s", (_, name) => {
    expect(chooseModel(name, ["text"], models, rules)).toBe(qwen);
  });

  it("prefers loaded models for a part of a name, then takes loadable ones", () => {
    expect(chooseModel("7b", ["text"], models, rules)).toBe(qwen);
    expect(chooseModel("mistral", ["text"], models, rules)).toBe(cold);
  });

  it("chooses by capability where no model is named", () => {
    expect(chooseModel("auto", ["text", "image"], models, rules)).toBe(vision);
    expect(chooseModel(null, ["embedding"], models, rules)).toBe(embedding);
  });

  it("refuses a name that fits several models, and lists them", () => {
    const two = [model("Qwen-7B"), model("Qwen-14B")];
    const { status, message } = refusal(() => chooseModel("qwen", ["text"], two, rules));
    expect(status).toBe(404);
    expect(message).toContain("Qwen-7B, Qwen-14B");
  });

  it("refuses an unknown name instead of swapping models silently", () => {
    const { status, message } = refusal(() => chooseModel("gpt-9", ["text"], models, rules));
    expect(status).toBe(404);
    expect(message).toContain("bge-small");
  });

  it("swaps where the operator allows it, but never for embeddings", () => {
    const swapping = { ...rules, fallback: true };
    expect(chooseModel("gpt-9", ["text"], models, swapping)).toBe(qwen);
    expect(refusal(() => chooseModel("gpt-9", ["embedding"], models, swapping)).status).toBe(404);
  });

  it("refuses a named model that lacks the capability, and says which type is needed", () => {
    const { status, message } = refusal(() => chooseModel("fast", ["text", "image"], models, rules));
    expect(status).toBe(400);
    expect(message).toContain("vision or omni");
  });

  it("says what to load where nothing can do the request", () => {
    const { status, message } = refusal(() => chooseModel("auto", ["transcription"], models, rules));
    expect(status).toBe(404);
    expect(message).toContain("type audio");
  });

  it.each([
    [["text"], "text, vision or omni"],
    [["text", "image"], "vision or omni"],
    [["text", "audio"], "omni"],
    [["text", "image", "audio"], "omni"],
    [["embedding"], "embedding or vision-embedding"],
    [["embedding", "image"], "vision-embedding"],
    [["rerank"], "embedding with a rank head"],
  ] as const)("says for %j which types can do all of it", (needs, types) => {
    const text = `a model of type ${types}.`;
    expect(refusal(() => chooseModel("auto", needs, [], rules)).message).toContain(text);
    const unable = { ...qwen, capabilities: [] };
    expect(refusal(() => chooseModel(unable.id, needs, [unable], rules)).message).toContain(text);
  });

  it("says what an alias stands for when that is not here", () => {
    expect(refusal(() => chooseModel("gone", ["text"], models, rules)).message).toContain("'nowhere'");
  });

  it("takes names of Object.prototype for unknown ones", () => {
    expect(refusal(() => chooseModel("constructor", ["text"], models, rules)).status).toBe(404);
  });
});
