/** What people see and hear. */
import { z } from "zod";
import { count, section } from "./values.ts";

export const site = section({
  name: z.string().min(1).max(100).default("LLM Gateway").describe("Shown as the title"),
  tagline: z.string().max(500).default("").describe("One sentence under the title"),
  notes: z
    .string()
    .max(10_000)
    .default("")
    .describe("What you promise: response time to sign-ups, where data stays"),
});

export const voices = section({
  default: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("The voice when none is named; none: the built-in one"),
  map: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe("Voice names to voices; OpenAI's names are mapped unless given here"),
});

export const live = section({
  max_sessions: count().default(20).describe("Conversations at the same time"),
  max_sessions_per_user: count().default(2).describe("Of one user"),
  ttl_minutes: z.int().min(5).max(20).default(15).describe("How long a session lasts if it does not say"),
});
