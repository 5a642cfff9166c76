/** Stage: may this caller have this answer, how much of it, and what is set aside for it. One synchronous step. */
import type { Config } from "../config/schema.ts";
import { GatewayError } from "../errors.ts";
import { chargedSeconds } from "../money/nanos.ts";
import type { Caller } from "../money/types.ts";
import type { Runtime } from "../runtime.ts";
import type { RoutableModel } from "../slots/types.ts";
import { accountDisabled } from "./authenticate.ts";
import { normaliseModelName } from "./choose-model.ts";
import type { BaseCall, Endpoint, Grant } from "./endpoint.ts";
import { affordableBound, type PriceBound, type PriceQuestion, priceBound } from "./limits/price-bound.ts";
import type { WindowState } from "./limits/sliding-window.ts";
import { checkUsageLimits, tokenState } from "./limits/usage-limits.ts";
import { pricingOf } from "./pricing.ts";

/** Rough length of a token: what the minute's window counts a prompt for until its tokens are known. */
const bytesPerToken = 4;

export type AdmissionServices = Pick<Runtime, "config" | "accounts" | "commitments" | "limiter">;

/** What is asked for. */
export interface Wish<Call> {
  caller: Caller;
  model: RoutableModel;
  call: Call;
  /** Of the body, as it came. */
  bodyBytes: number;
  /** When the request limit counted it (monotonic), and what that has left. */
  countedMs: number;
  requests: WindowState | null;
}

/**
 * Checks storage, allowed models, balance and limits, and reserves what the request may use.
 * @param nowMs monotonic
 * @throws GatewayError 402, 403, 429, 503 `storage_unavailable`
 */
export function admit<Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  { caller, model, call, bodyBytes, countedMs, requests }: Wish<Call>,
  { config: { current: config }, accounts, commitments, limiter }: AdmissionServices,
  nowMs: number,
): Grant {
  if (!accounts.storageOk())
    throw new GatewayError(
      "storage_unavailable",
      "The gateway cannot record usage now, because its disk is full or unavailable. Try again shortly.",
    );
  if (!caller.account.active) throw accountDisabled(); // While its body was read.
  checkAllowedModels(caller, model, call.model);
  const prompts = endpoint.prompts?.(call) ?? 1;
  const wantedTokens = endpoint.outputTokens(call);
  const question: PriceQuestion = {
    pricing: pricingOf(model.id, config),
    promptTokens: promptBound(endpoint.promptTokens(call, bodyBytes), prompts, model),
    outputTokens: outputCap(caller, model, wantedTokens, config),
    choices: endpoint.choices?.(call) ?? 1,
    audioMs: endpoint.audioMs?.(call),
    isNamed: wantedTokens !== null,
  };
  const heldNanos = commitments.ofUser(caller.account.id).heldNanos;
  const bound = boundFor(caller, question, heldNanos);
  const outputTokens = bound.outputTokens * question.choices;
  const need = {
    costNanos: bound.costNanos,
    tokens: question.promptTokens + outputTokens,
    minuteTokens: Math.min(Math.ceil(bodyBytes / bytesPerToken), question.promptTokens) + outputTokens,
  };
  try {
    checkUsageLimits(caller, need, commitments, config, nowMs);
  } catch (error) {
    limiter.giveBack(caller, countedMs, requests); // What a limit refuses consumes nothing of another.
    throw error;
  }
  const reservation = commitments.reserve(caller.account.id, caller.key.id, need, nowMs);
  const tokens = tokenState(caller, commitments, config, nowMs);
  const { pricing } = question;
  return {
    model,
    maxOutputTokens: bound.outputTokens,
    pricing,
    sequences: Math.max(prompts, question.choices),
    soundSeconds: chargedSeconds(pricing, question.audioMs ?? 0),
    reservation,
    tokens,
  };
}

function checkAllowedModels(
  { account, key }: Caller,
  model: RoutableModel,
  requestedName: string | null | undefined,
): void {
  for (const limits of [account.limits, key.limits])
    if (limits.models && !allows(limits.models, model.id, requestedName))
      throw new GatewayError("permission_denied", `This API key may not use the model '${model.id}'.`, {
        param: "model",
      });
}

/** Names are compared as routing does; a limit may name an alias. */
function allows(
  allowed: readonly string[],
  modelId: string,
  requestedName: string | null | undefined,
): boolean {
  const names = allowed.map(normaliseModelName);
  if (names.includes(normaliseModelName(modelId))) return true;
  return requestedName != null && names.includes(normaliseModelName(requestedName));
}

/** An admin pays nothing, so no balance limits the answer. */
function boundFor({ account }: Caller, question: PriceQuestion, heldNanos: number): PriceBound {
  if (account.tier === "admin") return priceBound(question);
  return affordableBound(question, account.balanceNanos - heldNanos);
}

function promptBound(tokens: number, prompts: number, { contextLength }: RoutableModel): number {
  return contextLength === null ? tokens : Math.min(tokens, prompts * contextLength);
}

/** No request runs without a bound: the least of what the client wants, the tier's cap and the context. */
function outputCap(
  { account }: Caller,
  { contextLength }: RoutableModel,
  wantedTokens: number | null,
  config: Config,
): number {
  const caps = [config.tiers[account.tier].max_output_tokens, wantedTokens, contextLength];
  return Math.min(...caps.filter((cap) => cap !== null));
}
