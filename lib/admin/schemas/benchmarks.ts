/** The admin API on the wire: measuring models. */
import { z } from "zod";
import { benchmarkResults } from "../../benchmarks/results.ts";
import { jobStatuses } from "../../benchmarks/types.ts";
import { askedOptions } from "../../slots/load-request.ts";

export const jobParams = z.object({ job: z.string().min(1).max(100) });

export const benchmarksQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 999")
    .transform(Number)
    .default(50),
});

const presetName = z.string().min(1).max(100).describe("One of the model's presets; its own one if absent");
const promptTokens = z
  .int()
  .min(16)
  .max(100_000)
  .describe("Length of each prompt; at most half of the context");
const outputTokens = z
  .int()
  .min(8)
  .max(10_000)
  .describe("Length of each answer; at most a quarter of the context");
const rounds = z.int().min(1).max(20).describe("Times that everything is done; the figures are medians");

export const benchmarkRequest = z
  .strictObject({
    load: z
      .boolean()
      .default(false)
      .describe("Load the model into an empty slot for this and unload it after, wherever else it runs"),
    preset: presetName.optional(),
    options: z.strictObject(askedOptions).optional().describe("How to load it; wins over the preset"),
    prompt_tokens: promptTokens.default(512),
    output_tokens: outputTokens.default(64),
    rounds: rounds.default(3),
  })
  .refine(({ load, preset, options }) => load || (preset === undefined && options === undefined), {
    path: ["load"],
    error: "must be true with `preset` or `options`: a model that is loaded runs as it was loaded",
  })
  .meta({ description: "`preset` and `options` need `load`: true" });

export const findThreadsRequest = z.strictObject({
  preset: presetName.optional(),
  apply: z
    .boolean()
    .default(false)
    .describe("Write the best count to `models.{id}.threads` of the configuration"),
  prompt_tokens: promptTokens.default(128),
  output_tokens: outputTokens.default(48),
  rounds: rounds.default(2),
});

const figure = z.number().nullable();

export const measureJobReply = z.object({
  id: z.string(),
  kind: z.enum(["benchmark", "find_threads"]),
  model: z.string(),
  status: z.enum(jobStatuses),
  progress: z.number().describe("From 0 to 1"),
  step: z.string().describe("What it does; empty at the end"),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  error: z.string().nullable(),
  benchmark_ids: z.array(z.int()).describe("What it has stored"),
  results: benchmarkResults.nullable().describe("Of a benchmark that is done"),
  best: z
    .object({
      threads: z.int(),
      reason: z.string(),
      tried: z
        .array(
          z.object({
            threads: z.int(),
            prompt_tokens_per_s: figure,
            generation_tokens_per_s: figure,
            texts_per_s: figure,
          }),
        )
        .describe("Without figures where it was given up as far too slow"),
    })
    .nullable()
    .describe("Of a search for the best count of threads that is done"),
  applied: z
    .boolean()
    .describe("The best count stands in the configuration; it is used from the next load on"),
});

const ratio = z.number().nullable();

export const storedBenchmarkReply = z.object({
  id: z.int(),
  preset: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()).describe("What its speed depends on; empty for a remote"),
  started_at: z.iso.datetime(),
  results: benchmarkResults,
  compared: z
    .array(z.object({ streams: z.int(), prompt_ratio: ratio, generation_ratio: ratio, texts_ratio: ratio }))
    .describe("To the best one in this list with the same measure, which has 1"),
});

export const benchmarkListAnswer = z.object({
  model: z.string(),
  data: z.array(storedBenchmarkReply).describe("Newest first"),
});
export const measureJobListAnswer = z.object({
  data: z.array(measureJobReply).describe("Of this start of the gateway, newest first"),
});

export type BenchmarkRequest = z.infer<typeof benchmarkRequest>;
export type FindThreadsRequest = z.infer<typeof findThreadsRequest>;
export type MeasureJobReply = z.infer<typeof measureJobReply>;
export type BenchmarkListReply = z.infer<typeof benchmarkListAnswer>;
export type StoredBenchmarkReply = z.infer<typeof storedBenchmarkReply>;
