/** What a client may send to `/v1/messages`. Unknown parameters are dropped, never passed on to an engine. */
import { z } from "zod";
import { boundedRecord } from "../openai/bounded-record.ts";
import { maxListEntries, maxObjectEntries } from "../openai/bounds.ts";
import { assistantBlock, listOf, textBlock, toolName, userBlock } from "./blocks.ts";

const textContent = z.union([z.string(), listOf(textBlock)]);

/** A `system` message in the middle of a talk is newer than the parameter of that name. */
const message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), content: z.union([z.string(), listOf(userBlock)]) }),
  z.object({ role: z.literal("assistant"), content: z.union([z.string(), listOf(assistantBlock)]) }),
  z.object({ role: z.literal("system"), content: textContent }),
]);
export type Message = z.infer<typeof message>;

/** A JSON schema: checked for size where it is used (openai/bounds.ts), for sense by the engine. */
const jsonSchema = boundedRecord(z.string(), z.unknown(), maxObjectEntries);

const tool = z.object({
  type: z
    .string()
    .refine((type) => type === "custom", {
      error: "must be custom: Anthropic's own tools, as web search, are not available here",
      abort: true,
    })
    .meta({ const: "custom" })
    .nullish(),
  name: toolName,
  description: z.string().nullish(),
  input_schema: jsonSchema,
  strict: z.boolean().nullish(),
});

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };
const toolChoice = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auto"), ...parallel }),
  z.object({ type: z.literal("any"), ...parallel }),
  z.object({ type: z.literal("tool"), name: toolName, ...parallel }),
  z.object({ type: z.literal("none") }),
]);

/** The newer way to say how much the model should think, and in which form it should answer. */
const outputConfig = z.object({
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).nullish(),
  format: z.object({ type: z.literal("json_schema"), schema: jsonSchema }).nullish(),
});

const share = z.number().min(0).max(1);

/** The request body. Bounds are Anthropic's where it has them, else those of a chat. */
export const messagesRequest = z.object({
  model: z.string().max(256).nullish(),
  messages: z.array(message).min(1).max(maxListEntries),
  system: z.union([z.string(), z.array(textBlock).max(maxListEntries)]).nullish(),
  max_tokens: z.number().int().min(1),
  stop_sequences: z.array(z.string().min(1).max(1000)).max(16).nullish(),
  stream: z.boolean().nullish(),
  temperature: share.nullish(),
  top_p: share.nullish(),
  top_k: z.number().int().min(0).max(1000).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  /** Its budget is no bound here: `max_tokens` is. */
  thinking: z.object({ type: z.enum(["enabled", "disabled", "adaptive", "between_tools"]) }).nullish(),
  output_config: outputConfig.nullish(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

/** What `/v1/messages/count_tokens` takes: the same, without what concerns the answer alone. */
export const countTokensRequest = messagesRequest.extend({ max_tokens: z.number().int().nullish() });
export type CountTokensRequest = z.infer<typeof countTokensRequest>;
