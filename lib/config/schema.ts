/** `config.json`: every key, its default and its meaning. The documentation and the admin form are made from it. */
import { z } from "zod";
import { limits, oidc, proxyAddress, queue, signup, smtp, tls } from "./schema/access.ts";
import { models, performance, slots } from "./schema/engines.ts";
import { pricing, rateLimits, tiers } from "./schema/money.ts";
import { live, site, voices } from "./schema/portal.ts";
import { apiKey, seconds, section, webAddress } from "./schema/values.ts";

/** Names that existing applications ask for. As aliases to `auto` they work at once. */
const openaiNames = [
  "gpt-4o",
  "gpt-4o-mini",
  "gpt-4-turbo",
  "gpt-4",
  "gpt-3.5-turbo",
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-4.1-nano",
  "gpt-5",
  "gpt-5-mini",
  "gpt-5-nano",
  "text-embedding-3-small",
  "text-embedding-3-large",
  "text-embedding-ada-002",
  "whisper-1",
  "gpt-4o-transcribe",
  "gpt-4o-mini-transcribe",
  "tts-1",
  "tts-1-hd",
  "gpt-4o-mini-tts",
];

export const openaiAliases: Readonly<Record<string, string>> = Object.fromEntries(
  openaiNames.map((name) => [name, "auto"]),
);

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export const configSchema = section({
  slots: slots.meta({
    description:
      "What each of the seven ports shall run: `null`, or a load request with `model_path` or `remote`; options that it leaves out come from `models`, then from `performance`. Written by load and unload, applied when edited by hand",
    defaultText: "4801 the starter model, the others `null`",
    entry: "port",
  }),
  admin_key: apiKey.meta({
    description:
      "The administrator's API key. A changed key ends the old one and its sessions; without one a new one is made",
    secret: true,
    defaultText: "generated",
  }),
  session_secret: z.string().min(32).meta({
    description: "Signs the portal's sessions; without one a new one is made, which ends every session",
    secret: true,
    defaultText: "generated",
  }),
  metrics_token: z
    .string()
    .min(16)
    .nullable()
    .default(null)
    .meta({ description: "Lets a monitoring system read /metrics without the admin key", secret: true }),
  hf_token: z
    .string()
    .regex(/^hf_\S+$/, "must begin with hf_")
    .nullable()
    .default(null)
    .meta({ description: "For models on Hugging Face that ask for a sign-in", secret: true }),
  hub_url: webAddress.default("https://huggingface.co").describe("Hugging Face or a mirror of it"),
  llama_server: z.string().min(1).nullable().default(null).meta({
    description: "Path of the llama-server binary; `LLAMA_SERVER` wins",
    restart: "slot",
    defaultText: "found or installed",
  }),
  default_threads: z
    .int()
    .min(1)
    .max(1024)
    .nullable()
    .default(null)
    .meta({ description: "CPU threads of a slot", restart: "slot", defaultText: "physical cores" }),
  default_ctx_size: z.int().min(16).max(10_000_000).default(8192).meta({
    description: "Tokens one request may hold, at most what the model was trained for",
    restart: "slot",
  }),
  pricing: pricing.prefault({}).describe("What tokens and sounds cost, in dollars"),
  rate_limits: rateLimits.prefault({}).describe("Requests a minute of a user, over all keys"),
  tiers: tiers.prefault({}).describe("What the users of a tier may use"),
  performance: performance.prefault({}).meta({ description: "How engines run", restart: "slot" }),
  models: models
    .default({})
    .meta({ description: "Settings of single models, by model id", restart: "slot", entry: "id" }),
  aliases: z
    .record(z.string().min(1), z.string().min(1))
    .default({ ...openaiAliases })
    .meta({
      description: "Further names: to a model id, or to `auto`, which chooses by what the request needs",
      defaultText: "OpenAI's common names to `auto`",
    }),
  routing: section({
    fallback: z.boolean().default(false).describe("Unknown names go to a model that can do the request"),
  })
    .prefault({})
    .describe("Which model answers"),
  auto_load: section({
    enabled: z.boolean().default(true).describe("Load a model that a request names into an empty slot"),
    evict: z
      .boolean()
      .default(false)
      .describe(
        "Make room by unloading the least recently used model, the operator's too; those that only requests had loaded make room in any case",
      ),
  })
    .prefault({})
    .describe("Loading on demand"),
  test_capabilities: z
    .boolean()
    .default(true)
    .describe("Try what a model can really do after its first load, when the gateway is idle"),
  idle_unload_s: seconds()
    .default(0)
    .describe("Seconds without a request after which a model is unloaded; 0: never"),
  load_timeout_s: seconds(1).default(600).describe("Seconds a model may take to load"),
  engine_stall_s: seconds(1)
    .default(120)
    .describe(
      "Seconds without progress after which an engine counts as hung; ten times as many while it computes",
    ),
  drain_s: seconds()
    .default(30)
    .describe("Seconds that running requests have to finish on shutdown and unload"),
  queue: queue.prefault({}).describe("Waiting for a slot"),
  limits: limits.prefault({}).describe("The largest requests"),
  isolate_prompt_cache: z.boolean().default(false).meta({
    description: "No user's prompts speed up another's, so that timing tells nothing",
    restart: "slot",
  }),
  model_folders: z
    .array(z.string().min(1))
    .default([])
    .describe("Further folders with models, never written to"),
  public_url: webAddress
    .nullable()
    .default(null)
    .describe("The address that others reach the gateway by: for links, Origin checks and secure cookies"),
  trusted_proxies: z.array(proxyAddress).default([]).describe("Proxies whose X-Forwarded headers count"),
  tls: tls
    .nullable()
    .default(null)
    .meta({ description: "Serve HTTPS with this certificate", restart: "gateway" }),
  signup: signup.prefault({}).describe("Asking for an account"),
  smtp: smtp.nullable().default(null).describe("Sending mail"),
  oidc: oidc.nullable().default(null).describe("Signing in through an identity provider"),
  site: site.prefault({}).describe("What the landing page says"),
  voices: voices.prefault({}).describe("Speech"),
  live: live.prefault({}).describe("Live conversations"),
  retention_days: z
    .int()
    .min(1)
    .max(36_500)
    .default(90)
    .describe("Days that single requests are kept; daily sums are kept for good"),
  log_level: z.enum(logLevels).default("info").describe("How much is logged"),
});

/** The parsed configuration: every key is there. */
export type Config = z.infer<typeof configSchema>;
