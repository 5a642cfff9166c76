/** What a client may send to `/v1/responses`. Unknown parameters are dropped, never passed on to an engine. */
import { z } from "zod";
import { boundedRecord } from "../bounded-record.ts";
import { chatRequest, jsonSchema, toolName } from "../chat/request.ts";
import { responsesInput, unavailable } from "./items.ts";

const tool = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("function"),
      name: toolName,
      description: z.string().nullish(),
      parameters: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  ],
  { error: "the tools that OpenAI runs by itself are not available here, only functions of your own" },
);

const toolChoice = z.union(
  [
    z.enum(["none", "auto", "required"]),
    z.object({
      type: z.literal("function", { error: "only a function of your own can be chosen" }),
      name: toolName,
    }),
  ],
  { error: "expected none, auto, required, or a function by its name" },
);

const textFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    name: toolName,
    description: z.string().nullish(),
    schema: jsonSchema,
    strict: z.boolean().nullish(),
  }),
]);

/** Beside the first two these tell of tools that are not available here, so there is nothing to include. */
const includable = z.enum([
  "message.output_text.logprobs",
  // Reasoning goes out and comes back in the clear, so a client loses nothing.
  "reasoning.encrypted_content",
  "message.input_image.image_url",
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "code_interpreter_call.outputs",
  "computer_call_output.output.image_url",
]);

/** What a client may say of itself; it comes back in the answer, as OpenAI gives it back. */
const echoed = z.string().max(1024).nullish();

/** Parameters that chat has under the same names; those after `top_p` are not OpenAI's here. */
const sameAsChat = chatRequest.pick({
  model: true,
  stream: true,
  parallel_tool_calls: true,
  top_logprobs: true,
  temperature: true,
  top_p: true,
  presence_penalty: true,
  frequency_penalty: true,
  seed: true,
  logit_bias: true,
  chat_template_kwargs: true,
  top_k: true,
  min_p: true,
  repeat_penalty: true,
});

const notKept = "is not available here, as answers are not kept. Send all of the talk so far as `input`";

export const responsesRequest = z.object({
  ...sameAsChat.shape,
  input: responsesInput,
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(1).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  text: z
    .object({ format: textFormat.nullish(), verbosity: z.enum(["low", "medium", "high"]).nullish() })
    .nullish(),
  reasoning: z
    .object({
      effort: chatRequest.shape.reasoning_effort,
      summary: z.enum(["auto", "concise", "detailed"]).nullish(),
    })
    .nullish(),
  include: z.array(includable).max(16).nullish(),
  metadata: boundedRecord(z.string().max(64), z.string().max(512), 16).nullish(),
  store: z.boolean().nullish(),
  previous_response_id: unavailable(notKept),
  conversation: unavailable(notKept),
  prompt: unavailable(
    "is not available here, as prompts are not kept. Send it as `instructions` and `input`",
  ),
  background: z
    .literal(false, { error: "answers are not kept here, so none can be fetched later. Use `stream`" })
    .nullish(),
  truncation: z.enum(["auto", "disabled"]).nullish(),
  service_tier: z.string().max(64).nullish(),
  user: echoed,
  safety_identifier: echoed,
  prompt_cache_key: echoed,
});
export type ResponsesRequest = z.infer<typeof responsesRequest>;
