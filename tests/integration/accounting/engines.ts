/** Whether rows and engines have counted the same. */
import type { EngineCounts } from "../../harness/counting-llama-server.ts";
import { type ModelUse, models } from "./models.ts";
import type { FullUsageRow } from "./rows.ts";
import type { Stage } from "./stage.ts";

/** In a slot of its own each, so that what the engine counts is this model's alone. */
const measured = ["exact", "left", "embed", "leftEmbed", "rank"] as const satisfies ModelUse[];
export type Measured = (typeof measured)[number];

export type AllCounts = Record<Measured, EngineCounts>;

export async function countEngines({ countsOf }: Stage): Promise<AllCounts> {
  const entries = await Promise.all(measured.map(async (use) => [use, await countsOf(use)] as const));
  return Object.fromEntries(entries) as AllCounts;
}

/** What the rows of a model count together. */
export function billed(rows: readonly FullUsageRow[], use: Measured) {
  const sum = { readTokens: 0, cachedTokens: 0, writtenTokens: 0 };
  for (const row of rows.filter(({ model }) => model === models[use])) {
    sum.readTokens += row.prompt_tokens - row.cached_tokens;
    sum.cachedTokens += row.cached_tokens;
    sum.writtenTokens += row.completion_tokens;
  }
  return sum;
}

/** What an engine did from one count to another; without `cachedTokens` where it does not tell. */
export function made(before: EngineCounts, after: EngineCounts) {
  const isTold = before.cachedTokens !== null && after.cachedTokens !== null;
  return {
    readTokens: after.readTokens - before.readTokens,
    ...(isTold && { cachedTokens: Number(after.cachedTokens) - Number(before.cachedTokens) }),
    writtenTokens: after.writtenTokens - before.writtenTokens,
  };
}
