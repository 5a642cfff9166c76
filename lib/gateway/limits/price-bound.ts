/** The most that a request may cost, and how much of an answer a balance affords. Pure. */
import { GatewayError } from "../../errors.ts";
import {
  chargedSeconds,
  dollarText,
  tokenCostNanos,
  type UsagePricing,
  usageCostNanos,
} from "../../money/nanos.ts";

/** Fewer output tokens are of no use to anybody. */
const leastOutputTokens = 16;

export interface PriceQuestion {
  pricing: UsagePricing;
  /** More than the prompt can have. */
  promptTokens: number;
  /** What the client, the tier and the context allow, for each choice. */
  outputTokens: number;
  choices: number;
  /** Length of the sound to transcribe; absent: none. */
  audioMs?: number | undefined;
  /** True where the client named the number: then it gets so many, or an error. */
  isNamed: boolean;
}

export interface PriceBound {
  outputTokens: number;
  costNanos: number;
}

/** Without regard to any balance. */
export function priceBound(question: PriceQuestion): PriceBound {
  const { pricing, promptTokens, outputTokens, choices, audioMs } = question;
  const completionTokens = outputTokens * choices;
  const media = audioMs ? { audioMs } : undefined;
  return {
    outputTokens,
    costNanos: usageCostNanos(pricing, { promptTokens, cachedTokens: 0, completionTokens, media }),
  };
}

/**
 * Within what is available: an answer that the client set no bound to is made as short as it has to be.
 * @throws GatewayError 402 that names the balance, what the request would need, and what could be had
 */
export function affordableBound(question: PriceQuestion, availableNanos: number): PriceBound {
  const whole = priceBound(question);
  if (whole.costNanos <= availableNanos) return whole;
  // Its price does not depend on the length of the answer.
  if (chargedSeconds(question.pricing, question.audioMs ?? 0) !== null)
    throw new GatewayError("insufficient_balance", explainSound(whole.costNanos, availableNanos));
  const promptNanos = priceBound({ ...question, outputTokens: 0 }).costNanos;
  const affordable = affordableTokens(question, availableNanos - promptNanos);
  const least = Math.min(leastOutputTokens, question.outputTokens);
  if (question.isNamed || affordable < least)
    throw new GatewayError("insufficient_balance", explain(whole.costNanos, availableNanos, affordable));
  return priceBound({ ...question, outputTokens: affordable });
}

/** Output tokens of each choice that this much pays for. */
function affordableTokens({ pricing, choices, outputTokens }: PriceQuestion, nanos: number): number {
  if (nanos <= 0) return 0;
  const nanosPer1k = tokenCostNanos(pricing, { promptTokens: 0, cachedTokens: 0, completionTokens: 1_000 });
  if (nanosPer1k === 0) return outputTokens;
  return Math.min(outputTokens, Math.floor((nanos / nanosPer1k / choices) * 1_000));
}

function explain(neededNanos: number, availableNanos: number, tokens: number): string {
  const need = `This request may cost up to ${dollarsOf(neededNanos)}, and ${dollarsOf(availableNanos)} is available.`;
  const help =
    tokens >= 1
      ? `Ask for at most ${tokens} output tokens, or top up the account.`
      : "Ask the operator of this gateway to top up the account.";
  return `${need} ${help}`;
}

function explainSound(neededNanos: number, availableNanos: number): string {
  return `To transcribe this sound costs ${dollarsOf(neededNanos)}, and ${dollarsOf(availableNanos)} is available. Send a shorter one, or ask the operator of this gateway to top up the account.`;
}

function dollarsOf(nanos: number): string {
  return dollarText(Math.max(0, nanos));
}
