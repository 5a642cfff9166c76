/** How models are run. */
import { z } from "zod";
import { cacheTypes, type LoadRequest, loadOptions, loadRequestSchema } from "../../slots/load-request.ts";
import { modelPricing } from "./money.ts";
import { seconds, section } from "./values.ts";

const slotCount = 7;
const portKey = z
  .string()
  .refine((key) => /^[1-9]\d{0,4}$/.test(key) && Number(key) <= 65_535, "must be a port number");

/** The type keeps to the known keys of a load request, as everywhere. */
const wish = loadRequestSchema as unknown as z.ZodType<LoadRequest>;

export const slots = z
  .record(portKey, wish.nullable())
  .refine((wishes) => Object.keys(wishes).length <= slotCount, `must have at most ${slotCount} ports`);

export const performance = section({
  flash_attention: z.boolean().default(true).describe("Faster attention where the engine has it"),
  mlock: z
    .boolean()
    .default(true)
    .describe("Keep models in memory; dropped with a warning where not allowed"),
  kv_cache_quantization: z
    .enum(cacheTypes)
    .default("q8_0")
    .describe("How the context is stored; f16 where a model cannot do it"),
  batch_size: z.int().min(1).max(65_536).default(512).describe("Prompt tokens per step"),
  parallel: z
    .int()
    .min(1)
    .max(256)
    .default(4)
    .describe("Requests that a slot runs at once; 1 where memory is short"),
  gpu_layers: z
    .union([z.literal("auto"), z.int().min(0).max(100_000)])
    .default("auto")
    .describe("Layers kept on the GPU"),
  cache_ram_mb: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(512)
    .describe(
      "Memory for prompts that may come again, per slot. Only where `parallel` is 1: with more, llama-server mixes them up",
    ),
});

/** Name to options of one model. */
export const presets = z.record(z.string().min(1).max(100), section(loadOptions));

export const models = z.record(
  z.string().min(1),
  section({
    pricing: modelPricing
      .optional()
      .meta({ description: "The model's own prices, in dollars", restart: "none" }),
    preset: z
      .string()
      .min(1)
      .optional()
      .describe("The preset to use when none is named; an admin's last choice"),
    presets: presets.optional().describe("Named sets of options"),
    pinned: z
      .boolean()
      .default(false)
      .meta({ description: "Never evicted or unloaded when idle", restart: "none" }),
    idle_unload_s: seconds()
      .optional()
      .meta({ description: "Instead of the general idle_unload_s", restart: "none" }),
    ...loadOptions,
  }),
);
