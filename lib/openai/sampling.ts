/** How a model picks its words: the parameters that chats and completions share, from the client to the engine. */
import { z } from "zod";
import { boundedRecord } from "./bounded-record.ts";

const between = (least: number, most: number) => z.number().min(least).max(most);
const tokenId = z.string().regex(/^\d{1,9}$/, "must be a token id");
const stop = z.union([z.string().max(1000), z.array(z.string().max(1000)).max(16)]);

/** What the check below comes to as a JSON schema. */
export const describedOutputTokens = { type: "integer", minimum: -1, not: { const: 0 } };

/** -1 is how llama.cpp's own clients say that they set no bound; the tier's cap holds all the same. */
export const outputTokens = z
  .number()
  .transform((tokens, { issues }) => {
    if (tokens === -1) return null;
    if (!Number.isSafeInteger(tokens) || tokens < 1)
      issues.push({ code: "custom", message: "must be a whole number of 1 or more, or -1", input: tokens });
    return tokens;
  })
  .meta(describedOutputTokens);

/** Fields of a request body. Bounds are OpenAI's where it has them; samplers that only local engines have follow theirs. */
export const samplingFields = {
  n: z.number().int().min(1).max(16).nullish(),
  temperature: between(0, 2).nullish(),
  top_p: between(0, 1).nullish(),
  presence_penalty: between(-2, 2).nullish(),
  frequency_penalty: between(-2, 2).nullish(),
  seed: z.number().int().nullish(),
  stop: stop.nullish(),
  logit_bias: boundedRecord(tokenId, between(-100, 100), 300).nullish(),
  top_k: z.number().int().min(0).max(1000).nullish(),
  min_p: between(0, 1).nullish(),
  repeat_penalty: between(0, 2).nullish(),
};
const sampling = z.object(samplingFields);
export type Sampling = z.infer<typeof sampling>;

/** The same for an engine; what the client did not give is left out. */
export function upstreamSampling(call: Sampling): Record<keyof Sampling, unknown> {
  return {
    n: call.n ?? undefined,
    temperature: call.temperature ?? undefined,
    top_p: call.top_p ?? undefined,
    presence_penalty: call.presence_penalty ?? undefined,
    frequency_penalty: call.frequency_penalty ?? undefined,
    seed: call.seed == null ? undefined : unsigned32(call.seed),
    stop: call.stop ?? undefined,
    logit_bias: call.logit_bias ?? undefined,
    top_k: call.top_k ?? undefined,
    min_p: call.min_p ?? undefined,
    repeat_penalty: call.repeat_penalty ?? undefined,
  };
}

/** llama-server takes 32 unsigned bits; OpenAI's clients may send any integer. */
function unsigned32(seed: number): number {
  return Number(BigInt.asUintN(32, BigInt(seed)));
}
