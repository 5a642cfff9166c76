/** What a client may send to `/v1/chat/completions`. Unknown parameters are dropped, never passed on to an engine. */
import { z } from "zod";
import { maxLevels, nestsTooDeep } from "../../json-text.ts";
import type { MediaPart } from "../../media/types.ts";
import { boundedRecord } from "../bounded-record.ts";
import { maxListEntries, maxObjectEntries } from "../bounds.ts";
import { outputTokens, samplingFields } from "../sampling.ts";

export const textPart = z.object({ type: z.literal("text"), text: z.string() });
const refusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
/** Longer addresses are no use to anybody. */
const maxAddressLength = 8_192;

/** True for the address of an image that the gateway may fetch, where its operator allows that. */
export function isWebAddress(url: string): boolean {
  return url.length <= maxAddressLength && /^https?:\/\//i.test(url);
}

/** Engines get `data:` URLs alone: any other they would fetch themselves, inside the operator's network. `abort` stops zod at the first (read-call.ts). */
export const imageUrl = z.string().refine((url) => url.startsWith("data:image/") || isWebAddress(url), {
  error: "must be a data: URL with an image, as data:image/png;base64,..., or the http(s) address of one",
  abort: true,
});

export const imagePart = z.object({
  type: z.literal("image_url"),
  image_url: z.object({ url: imageUrl, detail: z.enum(["auto", "low", "high"]).nullish() }),
});
export const audioPart = z.object({
  type: z.literal("input_audio"),
  input_audio: z.object({ data: z.string(), format: z.enum(["wav", "mp3"]) }),
});

/** zod looks at the length of a list before it walks it. */
export const partsOf = <Part extends z.ZodType>(part: Part) => z.array(part).min(1).max(maxListEntries);
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
export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: "must be 1 to 64 of a-z, A-Z, 0-9, _ and -", abort: true });

/** JSON as a model wrote it. */
export const toolArguments = z.string().refine((text) => !nestsTooDeep(text), {
  error: `is nested too deeply: at most ${maxLevels} levels`,
  abort: true,
});

const toolCall = z.object({
  id: z.string().max(256),
  type: z.literal("function").default("function"),
  function: z.object({ name: toolName, arguments: toolArguments }),
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
export const jsonSchema = boundedRecord(z.string(), z.unknown(), maxObjectEntries);

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

const templateValue = z.union([z.string().max(256), z.number(), z.boolean()]);

/** The request body. Bounds are OpenAI's where it has them. */
export const chatRequest = z.object({
  model: z.string().max(256).nullish(),
  messages: z.array(message).min(1).max(maxListEntries),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: outputTokens.nullish(),
  max_completion_tokens: outputTokens.nullish(),
  ...samplingFields,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
  chat_template_kwargs: boundedRecord(z.string().max(64), templateValue, 16).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** The images and sounds of a call, in their order; in which of its messages they stand, `chatMediaPaths` tells. */
export function chatMedia(call: ChatRequest): MediaPart[] {
  const media: MediaPart[] = [];
  for (const { content } of call.messages)
    if (Array.isArray(content))
      for (const part of content)
        if (part.type === "image_url" || part.type === "input_audio") media.push(part);
  return media;
}

/** Where each of them stands. */
export function chatMediaPaths({ messages }: ChatRequest): string[] {
  const paths: string[] = [];
  for (const [index, { content }] of messages.entries())
    if (Array.isArray(content))
      for (const [place, { type }] of content.entries()) {
        const path = `messages[${index}].content[${place}].${type}`;
        if (type === "image_url") paths.push(`${path}.url`);
        if (type === "input_audio") paths.push(`${path}.data`);
      }
  return paths;
}

/** True when a message of the call carries such a part. */
export function hasPart(call: ChatRequest, type: "image_url" | "input_audio"): boolean {
  return call.messages.some(
    (message) =>
      message.role === "user" &&
      typeof message.content !== "string" &&
      message.content.some((part) => part.type === type),
  );
}
