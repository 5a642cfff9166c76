/** What a model's tokens cost. */
import type { Config } from "../config/schema.ts";

/** A model's own prices, or the gateway's. */
export function pricingOf(modelId: string, config: Config): Config["pricing"] {
  return config.models[modelId]?.pricing ?? config.pricing;
}
