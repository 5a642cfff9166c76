/** The chunks of a completions stream as engines send them. */
import { z } from "zod";

/** 64 prompts with 16 choices each. */
const maxChoices = 1024;

const choice = z.looseObject({
  index: z
    .number()
    .int()
    .min(0)
    .max(maxChoices - 1)
    .default(0),
  text: z.string().nullish(),
  logprobs: z.unknown().optional(),
  finish_reason: z.string().nullish(),
});
export type CompletionChoice = z.infer<typeof choice>;

/** A whole answer has the same members. */
export const completionChunk = z.looseObject({
  choices: z.array(choice).max(maxChoices),
  usage: z.unknown().optional(),
  timings: z.unknown().optional(),
  prompt_progress: z.unknown().optional(),
  error: z.unknown().optional(),
});
export type CompletionChunk = z.infer<typeof completionChunk>;

/** What a chunk, or a whole answer, says besides its choices, as the client gets it. */
export function answerHead(chunk: CompletionChunk, modelId: string): Record<string, unknown> {
  const { choices, usage, timings, prompt_progress, error, id, ...others } = chunk;
  return { id: completionId(id), ...others, object: "text_completion", model: modelId };
}

/** llama-server takes its ids from chats. */
function completionId(id: unknown): unknown {
  return typeof id === "string" ? id.replace(/^chatcmpl-/, "cmpl-") : id;
}
