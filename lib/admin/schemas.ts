/** The admin API on the wire: what it takes and what it answers. Types are inferred; api.md's names and units. */
import { z } from "zod";
import { dollars } from "../config/schema/values.ts";
import { tiers } from "../money/types.ts";
import { loadRequestShape, namesOneModel, oneModelMessage } from "../slots/load-request.ts";
import { modelTypes, slotStatuses } from "../slots/types.ts";

const count = z.int().min(1).max(1_000_000_000);

/** `null` means no limit; a user's limit that is left out is the tier's, a key's that is left out is none. */
export const limits = z.object({
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

const reason = z.string().max(500).optional().describe("Kept in the ledger and the audit log");
const keyName = z.string().trim().min(1).max(100);

/** The id of a user or key in a path. */
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

export const createUser = z.object({
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
  .object({
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

export const createKey = z.object({ name: keyName.optional(), limits: limits.optional() });

export const loadModel = z
  .object({
    slot: z.int().min(1).max(65_535).optional().describe("The slot's port; the first empty one if absent"),
    ...loadRequestShape,
    wait: z.boolean().default(true).describe("false: answer 202 as soon as the engine is being started"),
  })
  .refine(namesOneModel, oneModelMessage);

export const logsQuery = z.object({
  lines: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "must be a number from 1 to 99999")
    .transform(Number)
    .default(200),
});

/** A JSON Merge Patch (RFC 7396): the configuration checks what comes of it. */
export const configPatch = z.record(z.string(), z.unknown());

export const keyReply = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string().describe("The first 8 characters"),
  limits,
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
});

export const userReply = z.object({
  id: z.int(),
  email: z.string(),
  tier: z.enum(tiers),
  balance: z.number().describe("Dollars"),
  active: z.boolean(),
  limits,
  created_at: z.iso.datetime(),
});

export const userWithKeysReply = userReply.extend({ api_keys: z.array(keyReply) });

export const createdUserReply = userReply.extend({ api_key: z.string().describe("Shown this once") });

export const createdKeyReply = z.object({ id: z.int(), api_key: z.string().describe("Shown this once") });

export const configChangeReply = z.object({
  config: z.record(z.string(), z.unknown()).describe("As GET config answers it"),
  changed: z.array(z.string()).describe("Paths of the keys that changed"),
  needs_restart: z
    .object({ slots: z.array(z.string()), gateway: z.array(z.string()) })
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
  error: z.string().optional(),
});

export const slotActionReply = z.object({
  status: z.enum(["loaded", "loading", "unloaded", "restarted"]),
  slot: z.int(),
  model: z.string().nullable(),
  model_type: z.enum(modelTypes).nullable(),
  pid: z.int().nullable(),
});

export const localModelReply = z.object({
  name: z.string(),
  path: z.string().describe("As model_path takes it"),
  size_mb: z.number(),
  size_gb: z.number(),
  detected_type: z.enum(modelTypes),
  architecture: z.string().nullable(),
  quantization: z.string().nullable(),
  context_length: z.int().nullable(),
  parameters: z.number().nullable(),
  mmproj: z.string().nullable(),
  error: z.string().optional(),
});

export type UserReply = z.infer<typeof userReply>;
export type KeyReply = z.infer<typeof keyReply>;
export type UserWithKeysReply = z.infer<typeof userWithKeysReply>;
export type ConfigChangeReply = z.infer<typeof configChangeReply>;
export type SlotReply = z.infer<typeof slotReply>;
export type SlotActionReply = z.infer<typeof slotActionReply>;
export type LocalModelReply = z.infer<typeof localModelReply>;
