/** Want of memory. Texts: llama-server 0.7.0 under limits on its address space; see provoked.test.ts. */
import { bytesPerMegabyte } from "../../../lib/bytes.ts";
import type { NextStep } from "../../../lib/slots/types.ts";
import { type EndFacts, lastMatch, type Rule } from "./facts.ts";
import { freeMemory, takeLess } from "./next-steps.ts";

export const memoryRules: readonly Rule[] = [
  {
    cause: "out_of_memory",
    find(facts) {
      const refused = lastMatch(
        facts,
        /failed to allocate (\S+) buffer of size (\d+)/,
        /insufficient memory \(attempted to allocate +([\d.]+) MB\)/,
        /std::bad_alloc/,
        /loading shared libraries: .*: failed to map segment/,
      );
      if (!refused) return null;
      const { purpose, nextStep } = purposeOf(facts);
      return { message: `Out of memory: it could not get ${amountOf(refused)}${purpose}.`, nextStep };
    },
  },
  {
    cause: "out_of_threads",
    find(facts) {
      if (!lastMatch(facts, /what\(\): +Resource temporarily unavailable/)) return null;
      const message =
        "The system gave it no more threads: its limit on memory or on processes is reached (Resource temporarily unavailable).";
      return { message, nextStep: freeMemory };
    },
  },
];

function amountOf([, first, bytes]: RegExpExecArray): string {
  if (bytes !== undefined) return `${Math.round(Number(bytes) / bytesPerMegabyte)} MB (${first})`;
  return first === undefined ? "what it asked for" : `${Math.round(Number(first))} MB`;
}

/** What the memory was for; a shorter context takes nothing off the weights. */
function purposeOf(facts: EndFacts): { purpose: string; nextStep: NextStep } {
  if (lastMatch(facts, /failed to allocate buffer for kv cache/))
    return { purpose: contextOf(facts), nextStep: takeLess(facts) };
  if (lastMatch(facts, /failed to allocate compute .*buffers/))
    return { purpose: " to compute with", nextStep: smallerBatch(facts) ?? takeLess(facts) };
  if (lastMatch(facts, /unable to allocate \S+ buffer/))
    return { purpose: " for the model's weights", nextStep: freeMemory };
  return { purpose: "", nextStep: takeLess(facts) };
}

function contextOf({ settings }: EndFacts): string {
  const { ctxSize, parallel = 1 } = settings ?? {};
  if (ctxSize === undefined) return " for the context";
  return ` for the context (${ctxSize} tokens for each of ${parallel} ${parallel === 1 ? "request" : "requests"})`;
}

/** What a batch of a text model takes grows with it; an encoder's is as long as its context. */
const usualBatch = 512;

function smallerBatch({ settings }: EndFacts): NextStep | null {
  const { batchSize = 0, serves } = settings ?? {};
  if (serves !== "text" || batchSize <= usualBatch) return null;
  const text = `Retry with ${usualBatch} prompt tokens a step.`;
  return { action: "load", change: { batch_size: usualBatch }, text };
}
