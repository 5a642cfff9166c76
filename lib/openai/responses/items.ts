/** What a client may send as `input` to `/v1/responses`: messages, calls of functions and what came of them. */
import { z } from "zod";
import { maxListEntries } from "../bounds.ts";
import { audioPart, imageUrl, partsOf, toolArguments, toolName } from "../chat/request.ts";

/** A member that must stay away: it speaks of something that the gateway does not have. `message` ends the sentence. */
export const unavailable = (message: string) =>
  z
    .unknown()
    .refine((value) => value == null, { error: message, abort: true })
    .meta({ type: "null" })
    .optional();

const inputText = z.object({ type: z.literal("input_text"), text: z.string() });
const inputImage = z.object({
  type: z.literal("input_image"),
  file_id: unavailable("names a file, and no files are kept here. Send the image itself as `image_url`"),
  image_url: imageUrl,
  detail: z.enum(["auto", "low", "high", "original"]).nullish(),
});
const outputText = z.object({ type: z.literal("output_text"), text: z.string() });
const refusal = z.object({ type: z.literal("refusal"), refusal: z.string() });

const contentOf = <Part extends z.ZodType>(part: Part) => z.union([z.string(), partsOf(part)]);
const textOnly = contentOf(z.discriminatedUnion("type", [inputText], { error: "expected input_text" }));
const userContent = contentOf(
  z.discriminatedUnion("type", [inputText, inputImage, audioPart], {
    error: "expected one of input_text, input_image and input_audio",
  }),
);
const assistantContent = contentOf(
  z.discriminatedUnion("type", [outputText, refusal, inputText], {
    error: "expected one of output_text and refusal",
  }),
);

/** Without a type an item is a message. */
const messageType = z.literal("message").optional();
const message = z.discriminatedUnion(
  "role",
  [
    z.object({ type: messageType, role: z.enum(["system", "developer"]), content: textOnly }),
    z.object({ type: messageType, role: z.literal("user"), content: userContent }),
    z.object({ type: messageType, role: z.literal("assistant"), content: assistantContent }),
  ],
  { error: ({ input }) => messageFault(input) },
);

const callId = z.string().min(1).max(256);
const functionCall = z.object({
  type: z.literal("function_call"),
  call_id: callId,
  name: toolName,
  arguments: toolArguments,
});
const functionCallOutput = z.object({
  type: z.literal("function_call_output"),
  call_id: callId,
  output: textOnly,
});

/** What a model thought before, as an earlier answer gave it. A summary is not what it thought, and is left out. */
const reasoning = z.object({
  type: z.literal("reasoning"),
  content: z
    .array(z.object({ type: z.literal("reasoning_text"), text: z.string() }))
    .max(maxListEntries)
    .nullish(),
});

const item = z.discriminatedUnion("type", [message, functionCall, functionCallOutput, reasoning], {
  error: ({ input }) => itemFault(input),
});
export type InputItem = z.infer<typeof item>;
export type InputMessage = z.infer<typeof message>;

export const responsesInput = z.union([z.string(), z.array(item).min(1).max(maxListEntries)], {
  error: "expected text, or a list of at least one item",
});

/** Where the images and sounds of an input stand, in their order. */
export function inputMediaPaths(input: z.infer<typeof responsesInput>): string[] {
  const paths: string[] = [];
  if (typeof input === "string") return paths;
  for (const [index, item] of input.entries())
    if ("role" in item && item.role === "user" && typeof item.content !== "string")
      for (const [place, { type }] of item.content.entries()) {
        const path = `input[${index}].content[${place}]`;
        if (type === "input_image") paths.push(`${path}.image_url`);
        if (type === "input_audio") paths.push(`${path}.input_audio.data`);
      }
  return paths;
}

const notKept =
  "it points to an item of an earlier answer, and answers are not kept here. Send the item itself";

function messageFault(input: unknown): string {
  const { role, id } = memberTexts(input);
  if (role === undefined && id !== undefined) return notKept;
  return "expected one of user, assistant, system and developer";
}

function itemFault(input: unknown): string {
  const { type } = memberTexts(input);
  if (type === undefined) return "expected an item with a type";
  if (type === "item_reference") return notKept;
  return `items of type '${type.slice(0, 64)}' are not available here. Messages, function_call, function_call_output and reasoning are`;
}

function memberTexts(input: unknown): Record<string, string | undefined> {
  if (typeof input !== "object" || input === null) return {};
  return Object.fromEntries(Object.entries(input).filter(([, value]) => typeof value === "string"));
}
