/** The data of the events that `/v1/responses` streams; each event has the name of its type. */
import { z } from "zod";
import { openaiErrorAnswer } from "./errors.ts";
import { outputItem, outputPart, responseAnswer } from "./response.ts";
import { count, tokenLogprob } from "./values.ts";

const number = { sequence_number: count };
const item = { ...number, output_index: count };
const place = { ...item, item_id: z.string() };
const part = { ...place, content_index: count };

const lifeCycle = z.object({
  type: z.enum(["response.created", "response.in_progress", "response.completed", "response.incomplete"]),
  ...number,
  response: responseAnswer,
});

const itemEvent = z.object({
  type: z.enum(["response.output_item.added", "response.output_item.done"]),
  ...item,
  item: outputItem,
});

const partEvent = z.object({
  type: z.enum(["response.content_part.added", "response.content_part.done"]),
  ...part,
  part: outputPart,
});

export const responseEvent = z.discriminatedUnion("type", [
  lifeCycle,
  itemEvent,
  partEvent,
  z.object({
    type: z.literal("response.output_text.delta"),
    ...part,
    delta: z.string(),
    logprobs: z.array(tokenLogprob),
  }),
  z.object({
    type: z.literal("response.output_text.done"),
    ...part,
    text: z.string(),
    logprobs: z.array(tokenLogprob),
  }),
  z.object({
    type: z.enum(["response.refusal.delta", "response.reasoning_text.delta"]),
    ...part,
    delta: z.string(),
  }),
  z.object({ type: z.literal("response.refusal.done"), ...part, refusal: z.string() }),
  z.object({ type: z.literal("response.reasoning_text.done"), ...part, text: z.string() }),
  z.object({ type: z.literal("response.function_call_arguments.delta"), ...place, delta: z.string() }),
  z.object({
    type: z.literal("response.function_call_arguments.done"),
    ...place,
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal("error"),
    ...number,
    ...openaiErrorAnswer.shape.error.omit({ type: true }).shape,
    ...openaiErrorAnswer.shape,
  }),
]);
