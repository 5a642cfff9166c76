/**
 * Further options of llama-server that an operator may set: `extra` of a load request. Whatever opens files, ports or
 * keys, shows more to others, takes a grammar, or has a field of its own is not among them. Facts about the options:
 * `llama-server --help` of 0.7.0; one that the installed version does not know is left out with a warning.
 */
import { z } from "zod";

const flag = z.literal(true);
const whole = (least: number, most: number) => z.int().min(least).max(most);
const real = (least: number, most: number) => z.number().min(least).max(most);
const onOrOff = z.enum(["on", "off"]);
const jsonObject = z.string().max(2000).refine(isJsonObject, "must be a JSON object as text");

const checks = {
  "--rope-scaling": z.enum(["none", "linear", "yarn"]),
  "--rope-scale": real(0.01, 1000),
  "--rope-freq-base": real(0, 1e12),
  "--rope-freq-scale": real(0.0001, 1000),
  "--yarn-orig-ctx": whole(0, 10_000_000),
  "--yarn-ext-factor": real(-1, 100),
  "--yarn-attn-factor": real(-1, 100),
  "--yarn-beta-slow": real(-1, 1000),
  "--yarn-beta-fast": real(-1, 1000),
  "--threads-batch": whole(1, 1024),
  "--prio": whole(-1, 2),
  "--prio-batch": whole(0, 2),
  "--poll": whole(0, 100),
  "--poll-batch": whole(0, 1),
  "--cpu-mask": z.string().regex(/^(0x)?[0-9a-f]{1,128}$/i, "must be a hexadecimal mask"),
  "--cpu-range": z.string().regex(/^\d{1,4}-\d{1,4}$/, "must be as 0-7"),
  "--cpu-strict": whole(0, 1),
  "--numa": z.enum(["distribute", "isolate", "numactl"]),
  "--swa-full": flag,
  "--no-kv-offload": flag,
  "--no-repack": flag,
  "--no-host": flag,
  "--no-op-offload": flag,
  "--no-cont-batching": flag,
  "--no-warmup": flag,
  "--check-tensors": flag,
  "--device": z.string().regex(/^[\w.:,-]{1,200}$/, "must be names of devices, with commas between them"),
  "--cpu-moe": flag,
  "--n-cpu-moe": whole(0, 100_000),
  "--n-cpu-ffn": whole(0, 100_000),
  "--split-mode": z.enum(["none", "layer", "row", "tensor"]),
  "--tensor-split": z
    .string()
    .regex(/^\d+(\.\d+)?(,\d+(\.\d+)?){0,15}$/, "must be numbers, with commas between them"),
  "--main-gpu": whole(0, 255),
  "--fit": onOrOff,
  "--fit-ctx": whole(16, 10_000_000),
  "--no-mmproj-offload": flag,
  "--image-min-tokens": whole(1, 100_000),
  "--image-max-tokens": whole(1, 100_000),
  "--mtmd-batch-max-tokens": whole(1, 100_000),
  "--embd-normalize": whole(-1, 100),
  "--cache-reuse": whole(0, 1_000_000),
  "--ctx-checkpoints": whole(0, 1024),
  "--checkpoint-min-step": whole(0, 10_000_000),
  "--slot-prompt-similarity": real(0, 1),
  "--chat-template-kwargs": jsonObject,
  "--reasoning": z.enum(["on", "off", "auto"]),
  "--reasoning-effort": z.enum(["default", "minimal", "low", "medium", "high", "xhigh", "max"]),
  "--no-reasoning-preserve": flag,
  "--spec-type": z.enum(["ngram-simple", "ngram-map-k", "ngram-map-k4v", "ngram-mod"]),
  "--spec-ngram-simple-size-n": whole(1, 1024),
  "--spec-ngram-simple-size-m": whole(1, 1024),
  "--spec-ngram-simple-min-hits": whole(1, 1024),
  "--spec-ngram-mod-n-min": whole(0, 1024),
  "--spec-ngram-mod-n-max": whole(1, 1024),
  "--spec-ngram-mod-n-match": whole(1, 1024),
  // What answers are drawn by where a request does not say.
  "--temp": real(0, 10),
  "--top-k": whole(0, 1_000_000),
  "--top-p": real(0, 1),
  "--min-p": real(0, 1),
  "--repeat-penalty": real(0, 10),
  "--presence-penalty": real(-2, 2),
  "--frequency-penalty": real(-2, 2),
} as const satisfies Record<string, z.ZodType>;

type ExtraName = keyof typeof checks;

export const extraNames = Object.keys(checks) as [ExtraName, ...ExtraName[]];
const value = z.union([z.string().max(2000), z.number(), z.literal(true)]);

/** Name to value; `true` for an option that takes none. */
export const extraOptions = z.partialRecord(z.enum(extraNames), value).superRefine((options, context) => {
  for (const [name, given] of Object.entries(options)) {
    const checked = checks[name as ExtraName].safeParse(given);
    const message = checked.error?.issues[0]?.message;
    if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
  }
});

export type ExtraOptions = z.infer<typeof extraOptions>;

/** The options as arguments, each with its value where it has one. */
export function extraArguments(options: ExtraOptions): { name: string; value?: string }[] {
  return Object.entries(options).map(([name, given]) =>
    given === true ? { name } : { name, value: String(given) },
  );
}

function isJsonObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
