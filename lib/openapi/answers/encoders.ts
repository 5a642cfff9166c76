/** What `/v1/embeddings` and `/v1/rerank` answer. */
import { z } from "zod";
import { modelId, promptUsage } from "./values.ts";

export const embeddingsAnswer = z.object({
  object: z.literal("list"),
  model: modelId,
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int().min(0).describe("Which input this is the vector of"),
      embedding: z
        .union([z.array(z.number()), z.string()])
        .describe("Numbers, or with `base64` 32-bit floats, little-endian"),
      encoding_format: z.literal("base64").optional().describe("Not OpenAI's"),
    }),
  ),
  usage: promptUsage,
});

export const rerankAnswer = z.object({
  object: z.literal("list"),
  model: modelId,
  results: z
    .array(
      z.object({
        index: z.int().min(0).describe("Place of the document in the request"),
        relevance_score: z.number(),
        document: z.object({ text: z.string() }).optional().describe("With `return_documents`"),
      }),
    )
    .describe("The most relevant first"),
  usage: promptUsage,
});
