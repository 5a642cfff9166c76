/** The chunks of a chat stream as engines send them. */
import { z } from "zod";

const toolCallDelta = z.object({
  index: z.number().int().min(0).max(1000).default(0),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

/** What a chunk adds to a message. A whole answer's message has the same members. */
export const chatDelta = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  /** Its name in newer vLLM, and at OpenRouter. */
  reasoning: z.string().nullish().catch(null),
  refusal: z.string().nullish(),
  tool_calls: z.array(toolCallDelta).nullish(),
});
export type ChatDelta = z.infer<typeof chatDelta>;

/** What a chunk adds to the reasoning, under either name. */
export function reasoningOf(delta: ChatDelta): string {
  return delta.reasoning_content || delta.reasoning || "";
}

const choice = z.object({
  index: z.number().int().min(0).max(1000).default(0),
  delta: chatDelta.default({}),
  logprobs: z.object({ content: z.array(z.unknown()).nullish() }).nullish(),
  finish_reason: z.string().nullish(),
  /** The stop sequence that ended the answer, where vLLM tells it; else null, or a token's number. */
  stop_reason: z.unknown().optional(),
  /** The same of SGLang. */
  matched_stop: z.unknown().optional(),
});
export type ChatChunkChoice = z.infer<typeof choice>;

export const chatChunk = z.object({
  id: z.string().optional().catch(undefined),
  created: z.number().optional().catch(undefined),
  model: z.string().optional().catch(undefined),
  system_fingerprint: z.string().nullish().catch(null),
  choices: z.array(choice).max(1000),
  usage: z.unknown().optional(),
  timings: z.unknown().optional(),
  prompt_progress: z.unknown().optional(),
  error: z.unknown().optional(),
});
export type ChatChunk = z.infer<typeof chatChunk>;

/** Parses the data of one event; null when it is no chunk. */
export function parseChatChunk(data: string): ChatChunk | null {
  try {
    return chatChunk.parse(JSON.parse(data));
  } catch {
    return null;
  }
}
