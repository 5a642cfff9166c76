/** The chunks of a chat stream as engines send them. */
import { z } from "zod";

const toolCallDelta = z.object({
  index: z.number().int().min(0).max(1000).default(0),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const delta = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(toolCallDelta).nullish(),
});
export type ChatDelta = z.infer<typeof delta>;

const choice = z.object({
  index: z.number().int().min(0).max(1000).default(0),
  delta,
  logprobs: z.object({ content: z.array(z.unknown()).nullish() }).nullish(),
  finish_reason: z.string().nullish(),
});
export type ChatChunkChoice = z.infer<typeof choice>;

export const chatChunk = z.object({
  id: z.string().optional(),
  created: z.number().optional(),
  model: z.string().optional(),
  system_fingerprint: z.string().nullish(),
  choices: z.array(choice).max(1000),
  usage: z.unknown().optional(),
  timings: z.unknown().optional(),
  prompt_progress: z.unknown().optional(),
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
