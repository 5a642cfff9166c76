/** What `/v1/messages` and `/v1/messages/count_tokens` answer. */
import { z } from "zod";
import { anthropicErrorAnswer } from "./errors.ts";
import { count, modelId } from "./values.ts";

const block = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.object({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string(),
    input: z.unknown().describe("Arguments as the model wrote them: nearly always an object"),
  }),
]);

const stopReason = z.enum(["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal"]);

const usage = z.object({
  input_tokens: count.describe("Without those found in the cache"),
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
});

const head = {
  id: z.string(),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: modelId,
};

export const messageAnswer = z.object({
  ...head,
  content: z.array(block),
  stop_reason: stopReason,
  stop_sequence: z.string().nullable(),
  usage,
});

const delta = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text_delta"), text: z.string() }),
  z.object({ type: z.literal("thinking_delta"), thinking: z.string() }),
  z.object({ type: z.literal("input_json_delta"), partial_json: z.string() }),
]);

/** The data of each event; the event has the name of its type. */
export const messageEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message_start"),
    message: z.object({
      ...head,
      content: z.array(block).max(0),
      stop_reason: z.null(),
      stop_sequence: z.null(),
      usage,
    }),
  }),
  z.object({ type: z.literal("content_block_start"), index: count, content_block: block }),
  z.object({ type: z.literal("content_block_delta"), index: count, delta }),
  z.object({ type: z.literal("content_block_stop"), index: count }),
  z.object({
    type: z.literal("message_delta"),
    delta: z.object({ stop_reason: stopReason, stop_sequence: z.string().nullable() }),
    usage,
  }),
  z.object({ type: z.literal("message_stop") }),
  anthropicErrorAnswer,
]);

export const tokenCountAnswer = z.object({ input_tokens: count });
