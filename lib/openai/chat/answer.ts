/** A chat answer in one piece, as engines give it. */
import { z } from "zod";
import { malformedAnswer } from "../gathered-answer.ts";
import { type ChatChunkChoice, chatDelta } from "./events.ts";

const chatAnswer = z.object({
  choices: z
    .array(
      z.object({
        message: chatDelta,
        logprobs: z.object({ content: z.array(z.unknown()).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
        stop_reason: z.unknown().optional(),
        matched_stop: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(1000),
  usage: z.unknown().optional(),
});

export interface ChatAnswer {
  /** The first choice, as if one chunk had brought all of it. */
  part: ChatChunkChoice;
  /** The engine's own, unchecked. */
  usage: unknown;
}

/** @throws GatewayError `engine_crashed` where the text is no chat answer */
export function readChatAnswer(text: string): ChatAnswer {
  const parsed = chatAnswer.safeParse(JSON.parse(text));
  const [choice] = parsed.data?.choices ?? [];
  if (!choice) throw malformedAnswer(text.slice(0, 500));
  const { message, ...rest } = choice;
  // Only chunks number their calls.
  const toolCalls = message.tool_calls?.map((call, index) => ({ ...call, index }));
  const part = { index: 0, delta: { ...message, tool_calls: toolCalls }, ...rest };
  return { part, usage: parsed.data?.usage };
}
