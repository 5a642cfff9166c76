/** What an operator can ask of a slot: `slots.{port}` of the config and the body of `slots/load`. */
import { z } from "zod";
import { modelTypes } from "./types.ts";

/** llama-server's `--pooling`; `rank` makes an embedding model answer `/v1/rerank`. */
const poolings = ["none", "mean", "cls", "last", "rank"] as const;

const filePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes("\0"), "must not contain a NUL character");

const baseUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), "must not contain credentials: use api_key");

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
  gpu_layers: z.int().min(0).max(100_000).optional().describe("Layers kept on the GPU"),
  pooling: z.enum(poolings).optional().describe("How an embedding model makes one vector of many"),
};

/** The fields of a load request, without the rule that ties `model_path` and `remote` together. */
export const loadRequestShape = {
  model_path: filePath.optional().describe("A GGUF file, as GET models/local names it"),
  remote: z
    .looseObject({
      base_url: baseUrl.describe("Of an OpenAI-compatible server, as http://10.0.0.5:8000/v1"),
      api_key: z
        .string()
        .max(4096)
        .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without blanks")
        .optional()
        .meta({ description: "Its key", secret: true }),
      model: z.string().min(1).max(512).describe("What that server calls the model"),
    })
    .optional()
    .describe("A model that another server runs"),
  ...loadOptions,
};

/** True where a request names one model, not none and not two. */
export function namesOneModel(request: { model_path?: unknown; remote?: unknown }): boolean {
  return (request.model_path === undefined) !== (request.remote === undefined);
}

export const oneModelMessage = "needs either model_path or remote";

export const loadRequestSchema = z.looseObject(loadRequestShape).refine(namesOneModel, oneModelMessage);

/** Parsed `slots.{port}` of the config; unknown keys are kept. */
export type LoadRequest = z.infer<z.ZodObject<typeof loadRequestShape>>;
