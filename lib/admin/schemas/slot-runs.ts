/** What became of a slot's engines, on the wire. */
import { z } from "zod";
import { askedOptions, loadOptions } from "../../slots/load-request.ts";

export const nextStepReply = z
  .object({
    action: z
      .enum(["load", "download", "update_engine", "free_memory", "check"])
      .describe("`load`: POST slots/{slot}/retry does it"),
    change: z.looseObject(loadOptions).optional().describe("Options that a retry loads with"),
    text: z.string(),
  })
  .describe("What could be done about it");

export const retrySlot = z.strictObject({
  change: z
    .strictObject(askedOptions)
    .optional()
    .describe("Options to load with instead; those of the slot's next_step if absent"),
  wait: z.boolean().default(true).describe("false: answer 202 as soon as the engine is being started"),
});

export const historyQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, "must be a number from 1 to 100")
    .transform(Number)
    .default(20),
});

export const slotRunReply = z.object({
  id: z.int(),
  model: z.string().describe("Empty where it was never worked out"),
  started_at: z.iso.datetime(),
  ready_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
  load_ms: z.int().nullable().describe("From the start to the first answer"),
  memory_mb: z.number().nullable().describe("Of the engine's processes when it had answered"),
  cause: z.string().nullable().describe("Why it ended, as `out_of_memory` or `unloaded`; null while it runs"),
  message: z.string().nullable().describe("The same in words"),
  settings: z.record(z.string(), z.unknown()).describe("What its memory and speed depend on"),
  last_lines: z.array(z.string()).describe("The last that it printed, oldest first"),
});

export const gatewayLogsQuery = z.strictObject({
  lines: z
    .string()
    .regex(/^([1-9]\d{0,2}|1\d{3}|2000)$/, "must be a number from 1 to 2000")
    .transform(Number)
    .default(200),
});

export type NextStepReply = z.infer<typeof nextStepReply>;
export type SlotRunReply = z.infer<typeof slotRunReply>;
