/** What an operator can ask of a slot: `slots.{port}` of the config and the body of `slots/load`. */
import { z } from "zod";
import { chatTemplates } from "./chat-templates.ts";
import { extraOptions } from "./extra-options.ts";
import { modelTypes } from "./types.ts";

/** llama-server's `--pooling`; `rank` makes an embedding model answer `/v1/rerank`. */
const poolings = ["none", "mean", "cls", "last", "rank"] as const;

/** llama-server's `--cache-type-k` and `--cache-type-v`. */
export const cacheTypes = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] as const;

const reasoningFormats = ["auto", "none", "deepseek", "deepseek-legacy"] as const;

const filePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes("\0"), "must not contain a NUL character");

const baseUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), "must not contain credentials: use api_key");

const draftShape = {
  model_path: filePath.describe("A GGUF file with the same vocabulary, as GET models/local names it"),
  max_tokens: z.int().min(1).max(1024).optional().describe("The most that is guessed at once"),
  min_tokens: z.int().min(0).max(1024).optional().describe("Fewer guesses are not used"),
  min_probability: z.number().min(0).max(1).optional().describe("Less certain guesses are not made"),
  gpu_layers: z.int().min(0).max(100_000).optional().describe("Its layers kept on the GPU"),
};

/** A small model that guesses ahead, so that the large one only has to check. */
const draftMeaning = "Speculative decoding by a smaller model";

/** How a model is run; what is absent comes from the model's own settings, then from `performance`. */
export const loadOptions = {
  model_type: z
    .enum(modelTypes)
    .optional()
    .describe("What the model is for; found from its header if absent"),
  mmproj_path: filePath.optional().describe("The projector file of a vision or audio model"),
  ctx_size: z.int().min(16).max(10_000_000).optional().describe("Tokens one request may hold"),
  parallel: z.int().min(1).max(256).optional().describe("How many requests run at once"),
  threads: z.int().min(1).max(1024).optional().describe("CPU threads"),
  batch_size: z.int().min(1).max(65_536).optional().describe("Prompt tokens per step"),
  ubatch_size: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe("Prompt tokens computed at once, at most batch_size; as many if absent"),
  gpu_layers: z.int().min(0).max(100_000).optional().describe("Layers kept on the GPU"),
  cache_type_k: z.enum(cacheTypes).optional().describe("How the keys of the context are stored"),
  cache_type_v: z.enum(cacheTypes).optional().describe("How the values of the context are stored"),
  flash_attention: z.boolean().optional().describe("Faster attention where the engine has it"),
  mlock: z.boolean().optional().describe("Keep the model in memory"),
  pooling: z.enum(poolings).optional().describe("How an embedding model makes one vector of many"),
  chat_template: z
    .enum(chatTemplates)
    .optional()
    .describe("One of llama.cpp's templates instead of the file's own"),
  chat_template_file: filePath
    .optional()
    .describe("A Jinja template (.jinja) in the models folder instead of the file's own"),
  reasoning_format: z.enum(reasoningFormats).optional().describe("Where a model's thoughts go in its answer"),
  reasoning_budget: z
    .int()
    .min(-1)
    .max(10_000_000)
    .optional()
    .describe("Tokens a model may think for; 0: not at all, -1: without a limit"),
  draft: z.looseObject(draftShape).optional().describe(draftMeaning),
  extra: extraOptions
    .optional()
    .describe("Further options of llama-server from a list of safe ones (docs/slots.md)"),
};

const remoteShape = {
  base_url: baseUrl.describe("Of an OpenAI-compatible server, as http://10.0.0.5:8000/v1"),
  api_key: z
    .string()
    .max(4096)
    .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without blanks")
    .optional()
    .meta({ description: "Its key", secret: true }),
  model: z.string().min(1).max(512).describe("What that server calls the model"),
};
const remoteMeaning = "A model that another server runs";

/** The fields of a load request, without the rule that ties `model_path` and `remote` together. */
export const loadRequestShape = {
  model_path: filePath.optional().describe("A GGUF file, as GET models/local names it"),
  remote: z.looseObject(remoteShape).optional().describe(remoteMeaning),
  preset: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("Options saved under this name for the model; its `preset` in the configuration if absent"),
  ...loadOptions,
};

/** The same options as a caller of the API sends them: what is mistyped is an error, which the configuration keeps. */
export const askedOptions = {
  ...loadOptions,
  draft: z.strictObject(draftShape).optional().describe(draftMeaning),
};

/** The same for the fields of a load request. */
export const askedRequestShape = {
  ...loadRequestShape,
  ...askedOptions,
  remote: z.strictObject(remoteShape).optional().describe(remoteMeaning),
};

/** True where a request names one model, not none and not two. */
export function namesOneModel(request: { model_path?: unknown; remote?: unknown }): boolean {
  return (request.model_path === undefined) !== (request.remote === undefined);
}

export const oneModelMessage = "needs either model_path or remote";

export const loadRequestSchema = z.looseObject(loadRequestShape).refine(namesOneModel, oneModelMessage);

/** Parsed `slots.{port}` of the config; unknown keys are kept. */
export type LoadRequest = z.infer<z.ZodObject<typeof loadRequestShape>>;
