/** The admin API of model files on the wire: what it takes and what it answers. */
import { z } from "zod";
import { testedReply } from "../../capability-tests/tested.ts";
import { isModelFileName } from "../../models/model-files.ts";
import { modelTypes } from "../../slots/types.ts";

export const localModelReply = z.object({
  name: z.string().describe("Its id in requests"),
  path: z.string().describe("As model_path takes it"),
  files: z.array(z.string()).describe("All parts of a split model, the first one first"),
  title: z.string().nullable().describe("What its makers call it"),
  size_mb: z.number().describe("All parts, without the projector"),
  size_gb: z.number(),
  modified: z.iso.datetime(),
  detected_type: z.enum(modelTypes),
  type_reason: z.string().describe("What the type was seen by"),
  rerank: z.boolean().describe("It scores documents instead of giving vectors"),
  engine: z
    .enum(["llama-server", "whisper"])
    .describe("What can run it; whisper.cpp's own files wait for the speech engine"),
  architecture: z.string().nullable(),
  quantization: z.string().nullable(),
  context_length: z.int().nullable().describe("Tokens, as it was trained"),
  parameters: z.number().nullable(),
  layers: z.int().nullable(),
  embedding_length: z.int().nullable().describe("Numbers in a vector"),
  chat_template: z
    .object({ tools: z.boolean(), thinking: z.boolean() })
    .nullable()
    .describe("What its text says that it can do; null where the file has none"),
  license: z.string().nullable(),
  mmproj: z.string().nullable().describe("The projector that belongs to it, as mmproj_path takes it"),
  mmproj_size_mb: z.number().nullable(),
  vision: z.boolean().describe("The projector sees images"),
  audio: z.boolean().describe("The projector hears sound"),
  tested: testedReply.optional(),
  error: z.string().optional().describe("Why it cannot be loaded"),
});

export const deleteModel = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .describe("A model file in the models folder, as GET models/local names it; any part of a split model"),
});

export const deletedModelReply = z.object({
  deleted: z
    .array(z.string())
    .describe("What was removed: all parts, and the projector if no other model uses it"),
  freed_mb: z.number(),
});

/** Names that Windows keeps for devices, whatever their extension. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)\./i;

export const uploadQuery = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^[^./\\:*?"<>|][^/\\:*?"<>|]*$/, "must be a file name without a folder")
    // Not by a pattern: the document's must be one in every language.
    .refine((name) => !/\p{Cc}/u.test(name), "must not contain control characters")
    .refine((name) => Buffer.byteLength(name) <= 200, "must have at most 200 bytes")
    .refine(isModelFileName, "must end in .gguf, or be the ggml-*.bin of a Whisper model")
    .refine((name) => !device.test(name), "must not be the name of a device")
    .describe("The file's name in the models folder"),
});

export const uploadedModelReply = z.object({
  path: z.string().describe("As model_path takes it"),
  size_mb: z.number(),
  model: localModelReply
    .nullable()
    .describe("The model that the file belongs to; null for what is none by itself, as a projector"),
});

export type LocalModelReply = z.infer<typeof localModelReply>;
export type DeletedModelReply = z.infer<typeof deletedModelReply>;
export type UploadedModelReply = z.infer<typeof uploadedModelReply>;
