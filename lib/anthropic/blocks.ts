/** The blocks that the messages of a request are made of. What else a block says, as `cache_control`, is dropped. */
import { z } from "zod";
import { maxLevels, nestsTooDeep } from "../json-text.ts";
import { maxListEntries } from "../openai/bounds.ts";
import { isWebAddress } from "../openai/chat/request.ts";

export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,128}$/, { error: "must be 1 to 128 of a-z, A-Z, 0-9, _ and -", abort: true });

export const textBlock = z.object({ type: z.literal("text"), text: z.string() });

const imageSource = z.discriminatedUnion(
  "type",
  [
    z.object({
      type: z.literal("base64"),
      media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
      data: z.string(),
    }),
    z.object({
      type: z.literal("url"),
      url: z.string().refine(isWebAddress, { error: "must be an http(s) address of an image", abort: true }),
    }),
  ],
  { error: "expected base64 or url: no files are kept here" },
);

const imageBlock = z.object({ type: z.literal("image"), source: imageSource });

const toolId = z.string().max(256);

/** Arguments come as an object here, and go to engines as text. */
const toolInput = z.unknown().transform((input, { issues }) => {
  const text = JSON.stringify(input ?? {});
  if (!text.startsWith("{")) issues.push({ code: "custom", message: "must be an object", input });
  if (nestsTooDeep(text))
    issues.push({
      code: "custom",
      message: `is nested too deeply: at most ${maxLevels} levels`,
      input,
    });
  return text;
});

const toolUseBlock = z.object({ type: z.literal("tool_use"), id: toolId, name: toolName, input: toolInput });

/** zod looks at the length of a list before it walks it. */
export const listOf = <Block extends z.ZodType>(block: Block) => z.array(block).min(1).max(maxListEntries);

const toolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: toolId,
  /** Its `is_error` has no counterpart in a chat: the text says what went wrong. */
  content: z
    .union([z.string(), z.array(z.discriminatedUnion("type", [textBlock, imageBlock])).max(maxListEntries)])
    .nullish(),
});

export const userBlock = z.discriminatedUnion("type", [textBlock, imageBlock, toolResultBlock]);
export type UserBlock = z.infer<typeof userBlock>;

export const assistantBlock = z.discriminatedUnion("type", [
  textBlock,
  toolUseBlock,
  z.object({ type: z.literal("thinking"), thinking: z.string() }),
  z.object({ type: z.literal("redacted_thinking") }),
]);
export type AssistantBlock = z.infer<typeof assistantBlock>;
export type TextBlock = z.infer<typeof textBlock>;
