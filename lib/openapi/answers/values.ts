/** Kinds of values that several answers share. */
import { z } from "zod";

export const count = z.int().min(0);
export const secondsSinceEpoch = z.int().min(0).describe("Seconds since 1970");
export const modelId = z.string().describe("The id of the model that answered");

/** The tokens of a request. */
export const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z
    .object({ cached_tokens: count.optional().describe("Found in the engine's cache") })
    .optional(),
});

/** The same where nothing is written. */
export const promptUsage = z.object({ prompt_tokens: count, total_tokens: count });

const token = {
  id: z.int().optional().describe("The model's own number for it; not OpenAI's"),
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).nullable().describe("The token in UTF-8"),
};

/** A token of an answer, and what could have stood in its place. */
export const tokenLogprob = z.object({ ...token, top_logprobs: z.array(z.object(token)) });
