/** Whether a model fits into memory, on the wire. */
import { z } from "zod";
import { askedRequestShape, namesOneModel, oneModelMessage } from "../../slots/load-request.ts";

export const fitRequest = z
  .strictObject({
    slot: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe("Port of a slot that the model would replace: what runs there does not count"),
    ...askedRequestShape,
  })
  .refine(namesOneModel, oneModelMessage);

const bytes = z.int().describe("Bytes");

const figures = {
  required_bytes: bytes.describe("Bytes of memory that it needs"),
  available_bytes: bytes.describe("Bytes that are there, less what loaded models will still take"),
  gpu_required_bytes: bytes,
  gpu_available_bytes: bytes.describe("Bytes on all GPUs, less what stays free on each"),
  gpu_layers: z.int().describe("Layers on the GPU; the output counts as one"),
};

const change = z.object({
  options: z
    .object({
      ctx_size: z.int().optional(),
      parallel: z.int().optional(),
      cache_type_k: z.string().optional(),
      cache_type_v: z.string().optional(),
      gpu_layers: z.int().optional(),
    })
    .describe("As a load request takes them"),
  unload: z.array(z.int()).describe("Ports of slots to unload first"),
  ...figures,
  sentence: z.string(),
});

const estimate = z.object({
  weights_bytes: bytes,
  context_bytes: bytes,
  compute_bytes: bytes,
  projector_bytes: bytes,
  overhead_bytes: bytes,
  total_bytes: bytes.describe("The sum of those before, in RAM and on the GPU"),
  ram_bytes: bytes,
  gpu_bytes: bytes,
  reclaimable_bytes: bytes.describe("Bytes that the system can take back: not part of required_bytes"),
  growth_bytes: bytes.describe("Bytes that it may take in time besides"),
});

export const fitReply = z.object({
  model: z.string(),
  verdict: z.enum(["fits", "fits_with", "does_not_fit", "unknown"]).describe("A remote always fits"),
  sentence: z.string().describe("The same for people"),
  ...figures,
  margin_bytes: bytes.describe("Bytes that must stay free"),
  estimate: estimate.nullable(),
  learned: z.boolean().describe("It was loaded so before, and what it took then is what counts"),
  changes: z.array(change).describe("Each makes it fit; the one that costs least first"),
  warnings: z.array(z.string()).describe("What a load would leave out or change"),
});

export type FitReply = z.infer<typeof fitReply>;
