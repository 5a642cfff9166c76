/** The models of the accounting run, each in a slot of its own, and what they cost. */

/** By what happens to their engines: nobody leaves one that is `exact`, `embed` or `rank`. */
export const models = {
  exact: "tiny-text",
  left: "tiny-omni",
  embed: "tiny-embed",
  leftEmbed: "left-embed",
  rank: "tiny-rerank",
  /** A remote that tells its usage. */
  counted: "counted",
  /** A remote that does not. */
  mute: "mute",
} as const;

export type ModelUse = keyof typeof models;

/** Of all slots, the first is `exact`'s, and so on. */
export const uses = Object.keys(models) as ModelUse[];

/** Nano-dollars for a thousand tokens. */
export interface Prices {
  input: number;
  cachedInput: number;
  output: number;
}

/** Odd ones, so that nothing comes out even. */
const usual: Prices = { input: 123_457, cachedInput: 123_457, output: 345_679 };
const own: Record<string, Prices> = {
  [models.left]: { input: 700_001, cachedInput: 70_003, output: 1_100_009 },
  [models.embed]: { input: 20_011, cachedInput: 20_011, output: 0 },
  [models.counted]: { input: 3_000_017, cachedInput: 300_023, output: 15_000_053 },
};

export function pricesOf(model: string): Prices {
  return own[model] ?? usual;
}

/** The same for the gateway's configuration. */
export const pricingConfig = {
  pricing: toConfig(usual),
  models: Object.fromEntries(
    Object.entries(own).map(([model, prices]) => [model, { pricing: toConfig(prices) }]),
  ),
};

function toConfig({ input, cachedInput, output }: Prices) {
  return {
    input_per_1k: input / 1e9,
    output_per_1k: output / 1e9,
    ...(cachedInput !== input && { cached_input_per_1k: cachedInput / 1e9 }),
  };
}
