/** What `/v1/completions` answers. */
import { z } from "zod";
import { modelId, secondsSinceEpoch, usage } from "./values.ts";

const finishReason = z.enum(["stop", "length", "content_filter"]);

/** Lists as long as the tokens are many. */
const logprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number().nullable()).nullable()).nullable().optional(),
  text_offset: z
    .array(z.int().min(0))
    .nullable()
    .optional()
    .describe("Characters from the beginning of the prompt"),
});

const head = {
  id: z.string(),
  object: z.literal("text_completion"),
  created: secondsSinceEpoch,
  model: modelId,
  system_fingerprint: z.string().nullable().optional(),
};

const choice = {
  index: z.int().min(0).describe("Those of the first prompt come first"),
  text: z.string(),
  logprobs: logprobs.nullable(),
};

export const completionAnswer = z.object({
  ...head,
  choices: z.array(z.object({ ...choice, finish_reason: finishReason })),
  usage,
});

export const completionChunk = z.object({
  ...head,
  choices: z
    .array(z.object({ ...choice, finish_reason: finishReason.nullable() }))
    .describe("Empty in the chunk that brings the usage"),
  usage: usage.nullable().optional().describe("In the last chunk, with `stream_options.include_usage`"),
});
