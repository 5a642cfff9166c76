/** A model of the catalogue for tests that need one without a file. */
import type { LocalModel } from "../../slots/types.ts";

/** A small text model, but for what is given. */
export function localModel(id: string, facts: Partial<LocalModel> = {}): LocalModel {
  return {
    id,
    path: `${id}.gguf`,
    files: [`${id}.gguf`],
    sizeBytes: 1,
    modifiedS: 7,
    fingerprint: "1@7000",
    type: "text",
    typeReason: "It writes text (llama).",
    rerank: false,
    engine: "llama-server",
    title: null,
    license: null,
    architecture: "llama",
    quantization: "Q8_0",
    contextLength: 4096,
    parameters: 1,
    layers: 2,
    embeddingLength: 64,
    headSize: 64,
    chatTemplate: null,
    mmprojPath: null,
    mmprojSizeBytes: null,
    vision: false,
    audio: false,
    error: null,
    ...facts,
  };
}
