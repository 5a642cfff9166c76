/** The answers of `GET /admin/api/system` and its history. Types are inferred. */
import { z } from "zod";
import { slotReply } from "../admin/schemas.ts";

const percent = z.number().min(0).max(100);
const gigabytes = z.number().min(0).describe("GB of 1024^3 bytes");

const diskReply = z.object({
  path: z.string(),
  total_gb: gigabytes,
  free_gb: gigabytes,
  percent: percent.describe("Used"),
});

const gpuReply = z.object({
  vendor: z.enum(["nvidia", "amd", "apple"]),
  index: z.int(),
  name: z.string(),
  total_gb: gigabytes,
  free_gb: gigabytes,
  unified: z.boolean().describe("It uses the machine's memory"),
  busy_percent: z.number().nullable(),
  temperature_c: z.number().nullable(),
  power_w: z.number().nullable(),
});

export const systemReply = z.object({
  cpu: z.object({
    percent_per_core: z.array(percent),
    total_percent: percent,
    cores: z.int(),
    model: z.string().nullable(),
    load: z
      .array(z.number())
      .nullable()
      .describe("Means of 1, 5 and 15 minutes; null on Windows, which has none"),
    quota_cores: z.number().nullable().describe("What a container may use; null without a limit"),
  }),
  memory: z
    .object({ total_gb: gigabytes, available_gb: gigabytes, used_gb: gigabytes, percent })
    .describe("Of the machine, or of a container's share"),
  gpus: z.array(gpuReply),
  disk: diskReply
    .extend({ models: diskReply.nullable().describe("Of the models folder, where that is another disk") })
    .nullable()
    .describe("Of the data folder; null where it does not answer"),
  temperature: z.object({ cpu_c: z.number().nullable() }),
  power: z.object({ cpu_w: z.number().nullable().describe("Since the look before") }),
  slots: z.array(slotReply),
  gateway: z
    .object({
      version: z.string(),
      uptime_s: z.int(),
      ram_mb: z.number(),
      heap_mb: z.number(),
      cpu_percent: z.number().describe("Of one core, since the look before"),
      event_loop_lag_p99_ms: z.number().nullable().describe("Since the look before; null at the first one"),
      event_loop_lag_max_ms: z.number().nullable(),
    })
    .describe("The gateway's own process, without engines"),
  warnings: z.array(z.object({ code: z.enum(["disk_low"]), message: z.string() })),
});

const span = z.object({ avg: z.number(), max: z.number() });

export const systemSample = z.object({
  seconds: z.number().describe("How long a time it stands for; the rest of the span the gateway was down"),
  cpu_percent: span,
  memory_used_gb: span,
  disk_used_gb: span.nullable().describe("Of the data folder's disk"),
  gateway_ram_mb: span,
  slots: z.array(
    z.object({
      port: z.int(),
      model: z.string().nullable(),
      seconds: z.number().describe("How long it ran this model"),
      ram_mb: span.nullable(),
      cpu_percent: span.nullable().describe("Of one core: 200 means two cores busy"),
    }),
  ),
  gpus: z.array(
    z.object({
      vendor: z.string(),
      index: z.int(),
      seconds: z.number(),
      used_gb: span,
      busy_percent: span.nullable(),
    }),
  ),
  ready_models: span,
  queue_length: span,
  requests: z.int().describe("Requests that a model was asked for and that ended"),
  tokens_in: z.int(),
  tokens_out: z.int(),
  tokens_per_second: span.describe("Tokens written by all models together"),
  first_token_p50_ms: span
    .nullable()
    .describe("Half of the requests waited no longer; null without requests"),
});

/** What a sample was about, summed up: of a minute, or of an hour. */
export type SystemSample = z.infer<typeof systemSample>;
export type Span = z.infer<typeof span>;

export const maxHistoryHours = { minute: 24, hour: 90 * 24 } as const;

export const systemHistoryQuery = z.strictObject({
  span: z.enum(["minute", "hour"]).default("minute"),
  hours: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "must be a number from 1 to 2160")
    .transform(Number)
    .refine((hours) => hours <= maxHistoryHours.hour, `must be at most ${maxHistoryHours.hour}`)
    .default(24)
    .describe("How far back; minutes are kept for 24 hours, hours for 90 days"),
});

export const systemHistoryReply = z.object({
  span: z.enum(["minute", "hour"]),
  data: z
    .array(systemSample.extend({ at: z.iso.datetime().describe("When the span began") }))
    .describe("Oldest first; none for a time in which the gateway was down"),
});

export type SystemReply = z.infer<typeof systemReply>;
export type SystemHistoryReply = z.infer<typeof systemHistoryReply>;
