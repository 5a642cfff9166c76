/** The admin API on the wire: what it takes and what it answers. Types are inferred; api.md's names and units. */
import { z } from "zod";
import { dollars, isWholeNanos } from "../config/schema/values.ts";
import { usageGroups } from "../data/daily-usage.ts";
import { tiers } from "../money/types.ts";
import { askedRequestShape, namesOneModel, oneModelMessage } from "../slots/load-request.ts";
import { modelTypes, slotStatuses } from "../slots/types.ts";
import { nextStepReply } from "./schemas/slot-runs.ts";

const count = z.int().min(1).max(1_000_000_000);

/** `null` means no limit; a user's limit that is left out is the tier's, a key's that is left out is none. */
export const limits = z.strictObject({
  requests_per_minute: count.nullable().optional(),
  tokens_per_minute: count.nullable().optional(),
  concurrency: count.nullable().optional(),
  monthly_budget: dollars.nullable().optional().describe("Dollars a calendar month"),
  models: z
    .array(z.string().min(1).max(512))
    .max(1000)
    .nullable()
    .optional()
    .describe("Model ids or aliases"),
});

/** As answers show them. */
const limitsReply = z.object(limits.shape);

const reason = z.string().max(500).optional().describe("Kept in the ledger and the audit log");
const keyName = z.string().trim().min(1).max(100);

/** The id of a user or key in a path or a query. */
const id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "must be a number")
  .transform(Number);

export const idParams = z.object({ id });

export const slotParams = z.object({
  slot: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "must be a port number")
    .transform(Number),
});

export const createUser = z.strictObject({
  email: z
    .email()
    .max(254)
    .regex(/^[^@]{1,64}@/, "may have at most 64 characters before the @"), // RFC 5321, 4.5.3.1.1
  tier: z.enum(tiers).default("payg"),
  balance: dollars.optional().describe("Dollars; the tier's start_balance if absent"),
  limits: limits.optional(),
  reason,
});

export const changeUser = z
  .strictObject({
    balance: dollars.optional().describe("The new balance in dollars; the difference becomes a ledger row"),
    tier: z.enum(tiers).optional(),
    active: z.boolean().optional(),
    limits: limits.optional().describe("Replaces all of the user's own limits"),
    reason,
  })
  .refine(
    ({ balance, tier, active, limits }) =>
      [balance, tier, active, limits].some((value) => value !== undefined),
    "needs at least one of balance, tier, active and limits",
  );

export const createTransaction = z
  .strictObject({
    kind: z.enum(["top_up", "correction", "refund"]),
    amount: z
      .number()
      .refine(isWholeNanos, "must be dollars with at most nine digits after the point")
      .describe("Dollars; negative only for a correction that takes something away"),
    reason: z.string().trim().min(1).max(500).describe("Kept in the ledger and the audit log"),
  })
  .refine(({ kind, amount }) => amount > 0 || (kind === "correction" && amount < 0), {
    error: "must be more than 0, or less for a correction",
    path: ["amount"],
  });

export const transactionsQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, "must be a number from 1 to 999")
    .transform(Number)
    .default(100),
  before: id.optional().describe("Only those older than the transaction of this id"),
});

export const createKey = z.strictObject({ name: keyName.optional(), limits: limits.optional() });

export const loadModel = z
  .strictObject({
    slot: z.int().min(1).max(65_535).optional().describe("The slot's port; the first empty one if absent"),
    ...askedRequestShape,
    force: z.boolean().default(false).describe("Load it even if it does not fit into memory"),
    wait: z.boolean().default(true).describe("false: answer 202 as soon as the engine is being started"),
  })
  .refine(namesOneModel, oneModelMessage);

export const logsQuery = z.strictObject({
  lines: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "must be a number from 1 to 99999")
    .transform(Number)
    .default(200),
});

const maxUsageDays = 366;

export const usageQuery = z.strictObject({
  group_by: z.enum(usageGroups).default("day"),
  days: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `must be a number from 1 to ${maxUsageDays}`)
    .transform(Number)
    .refine((days) => days <= maxUsageDays, `must be at most ${maxUsageDays}`)
    .default(7)
    .describe("Days that are counted, today (UTC) included"),
  user_id: id.optional(),
  key_id: id.optional(),
  model: z.string().min(1).max(512).optional().describe("A model's id"),
});

/** A JSON Merge Patch (RFC 7396): the configuration checks what comes of it. */
export const configPatch = z.record(z.string(), z.unknown());

export const keyReply = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string().describe("The first 8 characters"),
  limits: limitsReply,
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
});

export const userReply = z.object({
  id: z.int(),
  email: z.string(),
  tier: z.enum(tiers),
  balance: z.number().describe("Dollars"),
  active: z.boolean(),
  limits: limitsReply,
  created_at: z.iso.datetime(),
});

export const userWithKeysReply = userReply.extend({ api_keys: z.array(keyReply) });

export const createdUserReply = userReply.extend({ api_key: z.string().describe("Shown this once") });

export const createdKeyReply = z.object({ id: z.int(), api_key: z.string().describe("Shown this once") });

export const transactionReply = z.object({
  id: z.int(),
  kind: z.enum(["charge", "top_up", "correction", "refund"]),
  amount: z.number().describe("Dollars; negative for a charge"),
  reason: z.string(),
  request_id: z.string().describe("Of the request that was charged, or of the admin's"),
  actor_user_id: z.int().nullable(),
  at: z.iso.datetime(),
});

export const configChangeReply = z.object({
  config: z.record(z.string(), z.unknown()).describe("As GET config answers it"),
  changed: z.array(z.string()).describe("Paths of the keys that changed"),
  needs_restart: z
    .object({
      slots: z.array(z.string()),
      gateway: z.array(z.string()),
      running: z
        .array(z.object({ slot: z.int(), model: z.string(), keys: z.array(z.string()) }))
        .describe("Slots whose engines still run by what was before, with the keys that concern them"),
    })
    .describe("Changed keys that take effect when slots, or the gateway, are restarted"),
});

export const slotReply = z.object({
  port: z.int(),
  status: z.enum(slotStatuses),
  model_name: z.string().nullable(),
  model_type: z.enum(modelTypes).nullable(),
  capabilities: z.array(z.string()),
  ctx_size: z.int().nullable(),
  parallel: z.int().nullable(),
  threads: z.int().nullable(),
  pid: z.int().nullable(),
  ram_mb: z.number().nullable(),
  cpu_percent: z.number().nullable().describe("Of one core: 200 means two cores busy"),
  uptime_s: z.number().nullable(),
  in_flight: z.int(),
  queued: z.int(),
  crashes: z.int().describe("In a row"),
  max_crashes: z.int().describe("After as many the slot is failed"),
  warnings: z.array(z.string()),
  error: z.string().optional().describe("Why it crashed or failed"),
  cause: z.string().optional().describe("The same as a code, as `out_of_memory`"),
  next_step: nextStepReply.nullable().optional(),
});

/** One group's sums; which of the first fields are there depends on `group_by`. */
export const usageGroupReply = z.object({
  date: z.iso.date().optional().describe("UTC"),
  user_id: z.int().optional(),
  email: z.string().nullable().optional(),
  key_id: z.int().optional(),
  key_name: z.string().nullable().optional(),
  key_prefix: z.string().nullable().optional().describe("The first 8 characters"),
  model: z.string().optional(),
  requests: z.int(),
  errors: z.int().describe("Requests that failed on the gateway's side"),
  tokens_in: z.int(),
  tokens_cached: z.int().describe("Part of tokens_in that engines had in their caches"),
  tokens_out: z.int(),
  cost: z.number().describe("Dollars, at the models' prices"),
  charge: z.number().describe("Dollars that were paid: nothing in the tier admin"),
  avg_latency_ms: z.number(),
});

const requestInQueue = {
  request_id: z.string(),
  user_id: z.int(),
  key_id: z.int(),
  key_prefix: z.string().nullable().describe("The first 8 characters"),
  endpoint: z.string(),
};

export const queueReply = z.object({
  waiting: z
    .array(
      z.object({
        model: z.string(),
        slots: z.array(z.int()).describe("Ports of the slots that serve this line"),
        requests: z.array(
          z.object({ position: z.int().describe("1 is next"), ...requestInQueue, waiting_ms: z.number() }),
        ),
      }),
    )
    .describe("The line before each model, in the order in which it is served"),
  in_flight: z
    .array(
      z.object({
        slot: z.int(),
        model: z.string(),
        requests: z.array(
          z.object({
            ...requestInQueue,
            queued_ms: z.number().describe("How long it had waited"),
            running_ms: z.number(),
          }),
        ),
      }),
    )
    .describe("What each running engine works on"),
});

export const slotActionReply = z.object({
  status: z.enum(["loaded", "loading", "unloaded", "restarted"]),
  slot: z.int(),
  model: z.string().nullable(),
  model_type: z.enum(modelTypes).nullable(),
  pid: z.int().nullable(),
});

export type UserReply = z.infer<typeof userReply>;
export type TransactionReply = z.infer<typeof transactionReply>;
export type KeyReply = z.infer<typeof keyReply>;
export type UserWithKeysReply = z.infer<typeof userWithKeysReply>;
export type ConfigChangeReply = z.infer<typeof configChangeReply>;
export type SlotReply = z.infer<typeof slotReply>;
export type UsageQuery = z.infer<typeof usageQuery>;
export type UsageGroupReply = z.infer<typeof usageGroupReply>;
export type QueueReply = z.infer<typeof queueReply>;
export type SlotActionReply = z.infer<typeof slotActionReply>;
