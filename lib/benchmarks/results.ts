/** What a benchmark found, as it is stored and as the API shows it. */
import { z } from "zod";

const rate = z.number().nonnegative();
const streams = z.int().min(1).describe("Requests at once");

/** A text model at some requests at once. */
export const textFigures = z.object({
  streams,
  prompt_tokens_per_s: rate.describe("Of all requests together"),
  generation_tokens_per_s: rate
    .nullable()
    .describe("Of all requests together; null where the answers were too short to tell"),
  first_token_ms: rate.describe("From sending the prompt to the answer's first token; the median"),
});

/** An embedding model at some requests at once. */
export const vectorFigures = z.object({
  streams,
  texts_per_s: rate,
  tokens_per_s: rate,
  text_ms: rate.describe("From sending a text to its vector; the median"),
});

const common = {
  measure: z
    .object({ prompt_tokens: z.int(), output_tokens: z.int() })
    .describe("What was aimed at, within the context: only results of the same measure compare"),
  prompt_tokens: z.int().describe("Of one prompt or text, as the engine counted it"),
  rounds: z.int().describe("Times that everything was done; the figures are medians"),
  slot: z.int(),
  engine: z.enum(["llama-server", "remote"]),
  other_requests: z
    .int()
    .describe("Of clients, that ran meanwhile and took their share: above 0 the figures are too low"),
  repeated_rounds: z.int().describe("Rounds that gave way to waiting clients and were done again"),
  estimated: z.boolean().describe("The engine did not count tokens; its pieces were counted instead"),
  duration_ms: z.int(),
};

export const benchmarkResults = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("text"),
    output_tokens: z.int().describe("Of one answer"),
    ...common,
    figures: z.array(textFigures),
  }),
  z.object({ kind: z.literal("embedding"), ...common, figures: z.array(vectorFigures) }),
]);

export type TextFigures = z.infer<typeof textFigures>;
export type VectorFigures = z.infer<typeof vectorFigures>;
export type BenchmarkResults = z.infer<typeof benchmarkResults>;
