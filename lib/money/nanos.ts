/**
 * Money as an integer number of nano-dollars (a billionth of a dollar), in a JavaScript number: every amount stays
 * within Number.MAX_SAFE_INTEGER, about nine million dollars.
 */

const fractionDigits = 9;
const nanosPerDollar = 10 ** fractionDigits;

/**
 * Dollars as people and JSON write them, as nano-dollars. Exact: no binary fraction is involved.
 * @param dollars as 12.5, "0.0001" or 1e-7
 * @throws RangeError when it is no amount, finer than a nano-dollar, or beyond nine million dollars
 */
export function nanosFromDollars(dollars: number | string): number {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(String(dollars).trim());
  if (!match) throw new RangeError(`Not an amount of dollars: ${dollars}`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = fractionDigits + Number(exponent) - fraction.length;
  const digits = (whole + fraction).replace(/^0+/, "");
  const kept = shift < 0 ? digits.slice(0, shift) : digits + "0".repeat(shift);
  if (shift < 0 && /[1-9]/.test(digits.slice(shift)))
    throw new RangeError(`Finer than a nano-dollar (nine digits after the point): ${dollars}`);
  const nanos = Number(kept === "" ? 0 : kept);
  if (!Number.isSafeInteger(nanos)) throw new RangeError(`More than nine million dollars: ${dollars}`);
  return sign === "-" && nanos !== 0 ? -nanos : nanos;
}

/** Nano-dollars as JSON shows them: decimal dollars, exact up to eight million dollars. */
export function dollarsFromNanos(nanos: number): number {
  return nanos / nanosPerDollar;
}

/** Nano-dollars as a sentence shows them: `$0.0000001`, never `$1e-7`. */
export function dollarText(nanos: number): string {
  const fraction = (Math.abs(nanos) % nanosPerDollar)
    .toString()
    .padStart(fractionDigits, "0")
    .replace(/0+$/, "");
  const whole = Math.floor(Math.abs(nanos) / nanosPerDollar);
  return `${nanos < 0 ? "-" : ""}$${whole}${fraction && `.${fraction}`}`;
}

/** The configuration's prices of a model, in dollars per 1,000 tokens. */
export interface TokenPricing {
  input_per_1k: number;
  output_per_1k: number;
  /** Of prompt tokens that the engine had in its cache; absent: as any other prompt token. */
  cached_input_per_1k?: number | null | undefined;
}

/** The configuration's prices of a model, with that of sound which is transcribed. */
export interface UsagePricing extends TokenPricing {
  /** Dollars per second of sound. Where it is set, a transcription is charged by it instead of by its tokens. */
  audio_second?: number | null | undefined;
}

/** What a request used; `cachedTokens` are a part of `promptTokens`. */
export interface TokenCounts {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
}

/** What a request used, with the length of the sound that was transcribed: 0 or absent for all other requests. */
export interface UsageCounts extends TokenCounts {
  media?: { audioMs: number } | undefined;
}

/** What a request costs, in nano-dollars: its sound by the second where that has a price, else its tokens. */
export function usageCostNanos(pricing: UsagePricing, usage: UsageCounts): number {
  const seconds = chargedSeconds(pricing, usage.media?.audioMs ?? 0);
  if (seconds === null) return tokenCostNanos(pricing, usage);
  return costNanos([[seconds * 1000, nanosFromDollars(pricing.audio_second ?? 0)]]);
}

/**
 * The seconds that sound of this length is charged for, or null where it is not charged by them. As OpenAI does, they are
 * rounded to the nearest whole second; but no sound is free, so the least is one.
 */
export function chargedSeconds({ audio_second }: UsagePricing, audioMs: number): number | null {
  if (audio_second == null || audioMs === 0) return null;
  return Math.max(1, Math.round(audioMs / 1000));
}

/** What tokens cost, in nano-dollars: the exact sum, rounded up once. */
export function tokenCostNanos(pricing: TokenPricing, counts: TokenCounts): number {
  const prices = pricesOf(pricing);
  const cached = Math.min(counts.cachedTokens, counts.promptTokens);
  return costNanos([
    [counts.promptTokens - cached, prices.input],
    [cached, prices.cachedInput],
    [counts.completionTokens, prices.output],
  ]);
}

/**
 * Cost of amounts that are priced per thousand, in nano-dollars, rounded up once at the end.
 * @param parts pairs of an amount and its price in nano-dollars per 1,000
 */
export function costNanos(parts: readonly (readonly [amount: number, nanosPer1k: number])[]): number {
  let total = 0;
  for (const [amount, nanosPer1k] of parts) total += amount * nanosPer1k;
  if (Number.isSafeInteger(total)) return Math.ceil(total / 1000);
  let exact = 0n;
  for (const [amount, nanosPer1k] of parts) exact += BigInt(amount) * BigInt(nanosPer1k);
  return Number((exact + 999n) / 1000n);
}

interface Prices {
  input: number;
  output: number;
  cachedInput: number;
}

/** A configuration is frozen and replaced as a whole, so that its prices need to be converted only once. */
const converted = new WeakMap<TokenPricing, Prices>();

function pricesOf(pricing: TokenPricing): Prices {
  const known = converted.get(pricing);
  if (known) return known;
  const input = nanosFromDollars(pricing.input_per_1k);
  const prices = {
    input,
    output: nanosFromDollars(pricing.output_per_1k),
    cachedInput: pricing.cached_input_per_1k == null ? input : nanosFromDollars(pricing.cached_input_per_1k),
  };
  converted.set(pricing, prices);
  return prices;
}
