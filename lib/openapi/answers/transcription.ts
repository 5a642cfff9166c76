/** What `/v1/audio/transcriptions` and `/v1/audio/translations` answer. */
import { z } from "zod";

const count = z.int().min(0);

const usage = z.union([
  z.object({
    type: z.literal("tokens"),
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_token_details: z
      .object({
        text_tokens: count.optional(),
        audio_tokens: count.optional(),
        cached_tokens: count.optional().describe("Not OpenAI's"),
      })
      .optional()
      .describe("Where the engine tells"),
  }),
  z
    .object({ type: z.literal("duration"), seconds: z.number().min(0) })
    .describe("Where the model has a price by the second"),
]);

const span = { start: z.number(), end: z.number() };

export const transcriptionAnswer = z.object({
  text: z.string(),
  usage,
  task: z.string().optional(),
  language: z.string().optional(),
  duration: z.union([z.number(), z.string()]).optional(),
  words: z.array(z.looseObject({ word: z.string(), ...span })).optional(),
  segments: z.array(z.looseObject({ text: z.string(), ...span })).optional(),
});

export const transcriptionEvent = z.union([
  z.object({ type: z.literal("transcript.text.delta"), delta: z.string() }),
  z.object({ type: z.literal("transcript.text.done"), text: z.string(), usage }),
]);
