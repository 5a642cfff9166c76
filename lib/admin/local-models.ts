/** Model files as admins see them. */
import { bytesPerGigabyte, bytesPerMegabyte } from "../bytes.ts";
import type { TestedReply } from "../capability-tests/tested.ts";
import type { LocalModel } from "../slots/types.ts";
import type { LocalModelReply } from "./schemas/model-files.ts";

/** @param tested what it was seen to do; absent where nobody looked that up */
export function localModelReply(model: LocalModel, tested?: TestedReply): LocalModelReply {
  return {
    name: model.id,
    path: model.path,
    files: [...model.files],
    title: model.title,
    size_mb: megabytes(model.sizeBytes),
    size_gb: Number((model.sizeBytes / bytesPerGigabyte).toFixed(2)),
    modified: new Date(model.modifiedS * 1000).toISOString(),
    detected_type: model.type,
    type_reason: model.typeReason,
    rerank: model.rerank,
    engine: model.engine,
    architecture: model.architecture,
    quantization: model.quantization,
    context_length: model.contextLength,
    parameters: model.parameters,
    layers: model.layers,
    embedding_length: model.embeddingLength,
    chat_template: model.chatTemplate,
    license: model.license,
    mmproj: model.mmprojPath,
    mmproj_size_mb: model.mmprojSizeBytes === null ? null : megabytes(model.mmprojSizeBytes),
    vision: model.vision,
    audio: model.audio,
    ...(tested && { tested }),
    ...(model.error !== null && { error: model.error }),
  };
}

export function megabytes(bytes: number): number {
  return Number((bytes / bytesPerMegabyte).toFixed(1));
}
