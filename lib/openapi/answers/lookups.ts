/** What is answered without a model's work: models, figures, the state of the gateway. */
import { z } from "zod";
import { modelTypes, slotStatuses } from "../../slots/types.ts";
import { count, secondsSinceEpoch } from "./values.ts";

const modelStatus = z
  .enum([...slotStatuses, "loadable"])
  .exclude(["empty"])
  .describe("The best state among the slots that run it; `loadable` where none does");

export const modelAnswer = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: secondsSinceEpoch,
  owned_by: z.literal("local"),
  type: z.enum(modelTypes).optional(),
  capabilities: z
    .array(z.enum(["text", "image", "audio", "embedding", "rerank", "transcription", "speech"]))
    .optional(),
  context_length: z
    .int()
    .nullable()
    .optional()
    .describe("Tokens that one request may hold; null where unknown"),
  status: modelStatus.optional(),
  alias_of: z.string().optional().describe("Where this is an alias: what it stands for"),
});

export const modelListAnswer = z.object({ object: z.literal("list"), data: z.array(modelAnswer) });

export const statsAnswer = z.object({
  window_hours: z.int(),
  requests: count,
  errors: count.describe("Requests that failed on the gateway's side"),
  tokens_in: count,
  tokens_out: count,
  cost: z.number().min(0).describe("Dollars"),
  avg_latency_ms: z.number().min(0),
});

export const healthAnswer = z.object({
  status: z.enum(["ok", "starting", "draining"]),
  timestamp: z.iso.datetime(),
  active_slots: count.describe("Slots that are ready"),
});

export const publicModelsAnswer = z.object({
  models: z.array(z.object({ id: z.string(), type: z.enum(modelTypes), status: modelStatus })),
});
