/** Refusals on the wire. What type and code a status comes with is in lib/errors.ts; document-errors.ts adds it. */
import { z } from "zod";

export const openaiErrorAnswer = z.object({
  error: z.object({
    message: z.string().describe("What is wrong, and what to do about it"),
    type: z.string(),
    param: z.string().nullable().describe("Path of the wrong field, as `messages[0].content`"),
    code: z.string().nullable(),
  }),
});

export const anthropicErrorAnswer = z.object({
  type: z.literal("error"),
  error: z.object({
    type: z.string(),
    message: z.string().describe("What is wrong, and what to do about it; it begins with the field's path"),
  }),
  request_id: z.string().describe("As the header `request-id`"),
});
