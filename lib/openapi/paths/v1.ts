/** What the operations of `/v1` have in common. */
import { z } from "zod";
import type { Operation } from "../operation.ts";

const keyRefusals = [401, 403, 429];

/** Of a request that is answered by a model (lib/gateway/pipeline.ts names who refuses with what). */
export const modelRefusals = [...keyRefusals, 402, 404, 413, 415, 422, 502, 504];

const headers = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      "Where the answer is no stream, a repeat within a day with the same key and body gets the first answer again, and is not paid for twice",
    ),
});

/** A POST that a model answers. */
export const modelCall = {
  method: "post",
  access: "key",
  dialect: "openai",
  headers,
  refusals: modelRefusals,
} as const satisfies Partial<Operation>;

/** A GET that no model is needed for. */
export const anyLookUp = {
  method: "get",
  access: "key",
  dialect: "openai",
  params: z.object({ id: z.string().min(1) }),
  refusals: keyRefusals,
} as const satisfies Partial<Operation>;
