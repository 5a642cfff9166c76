/** One text to an embedding model, and how long it took. */
import { z } from "zod";
import type { VectorTimes } from "../../lib/benchmarks/figures.ts";
import { GatewayError } from "../../lib/errors.ts";
import { usageFromWire } from "../../lib/openai/usage.ts";
import type { Lease } from "../../lib/slots/types.ts";
import { askWhole } from "./ask-whole.ts";
import type { Asking } from "./timed-answer.ts";

const vectorsSchema = z.object({
  data: z.array(z.object({ embedding: z.array(z.number()) })).min(1),
  usage: z.unknown().optional(),
});

export interface TimedVector extends VectorTimes {
  estimated: boolean;
}

/** @throws GatewayError as `timedAnswer` does */
export async function timedVector(lease: Lease, input: string, asking: Asking): Promise<TimedVector> {
  const body = JSON.stringify({ model: lease.engine.upstreamModel, input, encoding_format: "float" });
  const sentMs = performance.now();
  const answer = await askWhole(
    lease,
    { path: "/embeddings", body, isStreamed: false, input: "input" },
    asking,
  );
  const answeredMs = performance.now();
  const parsed = vectorsSchema.safeParse(answer);
  if (!parsed.success)
    throw new GatewayError("engine_crashed", "The engine behind this model gave no vector.");
  const tokens = usageFromWire(parsed.data.usage)?.promptTokens;
  return { sentMs, answeredMs, tokens: tokens ?? 0, estimated: tokens === undefined };
}
