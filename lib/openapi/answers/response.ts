/** What `/v1/responses` answers: OpenAI's Response object, and the events that it comes in. */
import { z } from "zod";
import { count, modelId, secondsSinceEpoch, tokenLogprob } from "./values.ts";

const status = z.enum(["in_progress", "completed", "incomplete"]);

const outputText = z.object({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.unknown()).max(0),
  logprobs: z.array(tokenLogprob),
});
const refusal = z.object({ type: z.literal("refusal"), refusal: z.string() });
const reasoningText = z.object({ type: z.literal("reasoning_text"), text: z.string() });

export const outputPart = z.discriminatedUnion("type", [outputText, refusal, reasoningText]);

export const outputItem = z.discriminatedUnion("type", [
  z.object({
    id: z.string(),
    type: z.literal("message"),
    status,
    role: z.literal("assistant"),
    content: z.array(z.discriminatedUnion("type", [outputText, refusal])),
  }),
  z.object({
    id: z.string(),
    type: z.literal("reasoning"),
    status,
    summary: z.array(z.unknown()).max(0),
    content: z.array(reasoningText),
  }),
  z.object({
    id: z.string(),
    type: z.literal("function_call"),
    status,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string().describe("JSON, as the model wrote it"),
  }),
]);

const usage = z.object({
  input_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }),
  output_tokens: count,
  output_tokens_details: z.object({ reasoning_tokens: count }),
  total_tokens: count,
});

const tool = z.object({
  type: z.literal("function"),
  name: z.string(),
  description: z.string().nullable().optional(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullable(),
});

/** What the request said, or what holds where it said nothing. */
const asked = {
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.null(),
  metadata: z.record(z.string(), z.string()),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  prompt_cache_key: z.string().optional(),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.null() }),
  safety_identifier: z.string().optional(),
  service_tier: z.literal("default"),
  store: z.literal(false),
  temperature: z.number().nullable().describe("Null: as the model's own settings are"),
  text: z.object({
    format: z.looseObject({ type: z.enum(["text", "json_object", "json_schema"]) }),
    verbosity: z.enum(["low", "medium", "high"]).optional(),
  }),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    z.object({ type: z.literal("function"), name: z.string() }),
  ]),
  tools: z.array(tool),
  top_logprobs: count,
  top_p: z.number().nullable(),
  truncation: z.literal("disabled"),
  user: z.string().optional(),
};

export const responseAnswer = z.object({
  id: z.string(),
  object: z.literal("response"),
  created_at: secondsSinceEpoch,
  status,
  background: z.literal(false),
  completed_at: secondsSinceEpoch.nullable(),
  error: z.null(),
  incomplete_details: z.object({ reason: z.enum(["max_output_tokens", "content_filter"]) }).nullable(),
  ...asked,
  model: modelId,
  output: z.array(outputItem),
  usage: usage.nullable().describe("Null while the response is in progress"),
});
