/** What `/v1/chat/completions` answers. Required is what OpenAI's own description requires. */
import { z } from "zod";
import { modelId, secondsSinceEpoch, tokenLogprob, usage } from "./values.ts";

const finishReason = z.enum(["stop", "length", "tool_calls", "content_filter"]);

const reasoning = z.string().nullable().optional().describe("What the model thought; not OpenAI's");

const toolCall = z.object({
  id: z.string(),
  type: z.literal("function"),
  function: z.object({ name: z.string(), arguments: z.string().describe("JSON, as the model wrote it") }),
});

const logprobs = z.object({
  content: z.array(tokenLogprob).nullable(),
  refusal: z.array(tokenLogprob).nullable(),
});

const head = {
  id: z.string(),
  created: secondsSinceEpoch,
  model: modelId,
  system_fingerprint: z.string().nullable().optional(),
};

export const chatCompletionAnswer = z.object({
  ...head,
  object: z.literal("chat.completion"),
  choices: z.array(
    z.object({
      index: z.int().min(0),
      message: z.object({
        role: z.literal("assistant"),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        reasoning_content: reasoning,
        tool_calls: z.array(toolCall).optional(),
      }),
      logprobs: logprobs.nullable(),
      finish_reason: finishReason,
    }),
  ),
  usage,
});

const toolCallDelta = z.object({
  index: z.int().min(0),
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
});

export const chatCompletionChunk = z.object({
  ...head,
  object: z.literal("chat.completion.chunk"),
  choices: z
    .array(
      z.object({
        index: z.int().min(0),
        delta: z.object({
          role: z.literal("assistant").optional(),
          content: z.string().nullable().optional(),
          refusal: z.string().nullable().optional(),
          reasoning_content: reasoning,
          tool_calls: z.array(toolCallDelta).optional(),
        }),
        logprobs: z
          .object({ content: z.array(tokenLogprob).nullable().optional() })
          .nullable()
          .optional(),
        finish_reason: finishReason.nullable(),
      }),
    )
    .describe("Empty in the chunk that brings the usage"),
  usage: usage.nullable().optional().describe("In the last chunk, with `stream_options.include_usage`"),
});
