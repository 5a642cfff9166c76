/** What a client may send to `/v1/chat/completions`. Unknown parameters are dropped, never passed on to an engine. */
import { z } from "zod";
import { maxLevels, nestsTooDeep } from "../../json-text.ts";
import { boundedRecord } from "../bounded-record.ts";
import { maxListEntries, maxObjectEntries } from "../bounds.ts";

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const refusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
/** An engine would fetch any other URL itself, inside the operator's network. `abort` stops zod at the first (read-call.ts). */
const imageUrl = z.string().refine((url) => url.startsWith("data:image/"), {
  error: "must be a data: URL with an image, as data:image/png;base64,...",
  abort: true,
});

const imagePart = z.object({
  type: z.literal("image_url"),
  image_url: z.object({ url: imageUrl, detail: z.enum(["auto", "low", "high"]).nullish() }),
});
const audioPart = z.object({
  type: z.literal("input_audio"),
  input_audio: z.object({ data: z.string(), format: z.enum(["wav", "mp3"]) }),
});

/** zod looks at the length of a list before it walks it. */
const partsOf = <Part extends z.ZodType>(part: Part) => z.array(part).min(1).max(maxListEntries);
const textContent = z.union([z.string(), partsOf(textPart)]);
const userContent = z.union([
  z.string(),
  partsOf(z.discriminatedUnion("type", [textPart, imagePart, audioPart])),
]);
const assistantContent = z.union([
  z.string(),
  partsOf(z.discriminatedUnion("type", [textPart, refusalPart])),
]);

const name = z.string().max(64).nullish();
const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: "must be 1 to 64 of a-z, A-Z, 0-9, _ and -", abort: true });

const toolCall = z.object({
  id: z.string().max(256),
  type: z.literal("function").default("function"),
  function: z.object({
    name: toolName,
    arguments: z.string().refine((text) => !nestsTooDeep(text), {
      error: `is nested too deeply: at most ${maxLevels} levels`,
      abort: true,
    }),
  }),
});

const message = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "developer"]), content: textContent, name }),
  z.object({ role: z.literal("user"), content: userContent, name }),
  z
    .object({
      role: z.literal("assistant"),
      content: assistantContent.nullish(),
      reasoning_content: z.string().nullish(),
      refusal: z.string().nullish(),
      name,
      tool_calls: z.array(toolCall).min(1).max(128).nullish(),
    })
    .refine((value) => value.content != null || value.tool_calls != null || value.refusal != null, {
      error: "must be given where there are no tool_calls",
      path: ["content"],
    }),
  z.object({ role: z.literal("tool"), content: textContent, tool_call_id: z.string().max(256) }),
]);
export type ChatMessage = z.infer<typeof message>;

/** A JSON schema: checked for size where it is used (bounds.ts), for sense by the engine. */
const jsonSchema = boundedRecord(z.string(), z.unknown(), maxObjectEntries);

const tool = z.object({
  type: z.literal("function"),
  function: z.object({
    name: toolName,
    description: z.string().nullish(),
    parameters: jsonSchema.nullish(),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), function: z.object({ name: toolName }) }),
]);

const responseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.object({
      name: toolName,
      description: z.string().nullish(),
      schema: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const between = (least: number, most: number) => z.number().min(least).max(most);
const tokenId = z.string().regex(/^\d{1,9}$/, "must be a token id");
const templateValue = z.union([z.string().max(256), z.number(), z.boolean()]);
const stop = z.union([z.string().max(1000), z.array(z.string().max(1000)).max(16)]);

/** -1 is how llama.cpp's own clients say that they set no bound; the tier's cap holds all the same. */
const outputTokens = z.number().transform((tokens, { issues }) => {
  if (tokens === -1) return null;
  if (!Number.isSafeInteger(tokens) || tokens < 1)
    issues.push({ code: "custom", message: "must be a whole number of 1 or more, or -1", input: tokens });
  return tokens;
});

/** The request body. Bounds are OpenAI's where it has them; samplers that only local engines have follow theirs. */
export const chatRequest = z.object({
  model: z.string().max(256).nullish(),
  messages: z.array(message).min(1).max(maxListEntries),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: outputTokens.nullish(),
  max_completion_tokens: outputTokens.nullish(),
  n: z.number().int().min(1).max(16).nullish(),
  temperature: between(0, 2).nullish(),
  top_p: between(0, 1).nullish(),
  presence_penalty: between(-2, 2).nullish(),
  frequency_penalty: between(-2, 2).nullish(),
  seed: z.number().int().nullish(),
  stop: stop.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  logit_bias: boundedRecord(tokenId, between(-100, 100), 300).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
  chat_template_kwargs: boundedRecord(z.string().max(64), templateValue, 16).nullish(),
  top_k: z.number().int().min(0).max(1000).nullish(),
  min_p: between(0, 1).nullish(),
  repeat_penalty: between(0, 2).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** True when a message of the call carries such a part. */
export function hasPart(call: ChatRequest, type: "image_url" | "input_audio"): boolean {
  return call.messages.some(
    (message) =>
      message.role === "user" &&
      typeof message.content !== "string" &&
      message.content.some((part) => part.type === type),
  );
}
