/** Stage: may this caller have this answer, and how much of it. */
import type { Config } from "../config/schema.ts";
import { GatewayError } from "../errors.ts";
import type { Accounts, Caller } from "../money/types.ts";
import type { RoutableModel } from "../slots/types.ts";
import { normaliseModelName } from "./choose-model.ts";
import type { Grant } from "./endpoint.ts";

/**
 * Checks balance and allowed models, and bounds the answer.
 * @param requestedName as the client sent it: a limit may name an alias
 * @param wantedTokens the output tokens the client asked for, or null where it set no bound
 * @throws GatewayError 402, 403, 503 `storage_unavailable`
 */
export function admit(
  caller: Caller,
  model: RoutableModel,
  requestedName: string | null | undefined,
  wantedTokens: number | null,
  config: Config,
  accounts: Accounts,
): Grant {
  if (!accounts.storageOk())
    throw new GatewayError(
      "storage_unavailable",
      "The gateway cannot record usage now, because its disk is full or unavailable. Try again shortly.",
    );
  const { account, key } = caller;
  for (const limits of [account.limits, key.limits])
    if (limits.models && !allows(limits.models, model.id, requestedName))
      throw new GatewayError("permission_denied", `This API key may not use the model '${model.id}'.`, {
        param: "model",
      });
  if (account.tier !== "admin" && account.balanceNanos <= 0)
    throw new GatewayError(
      "insufficient_balance",
      "The balance of this account is used up. Ask the operator of this gateway to top it up.",
    );
  return { model, maxOutputTokens: outputCap(account.tier, model, wantedTokens, config) };
}

/** Names are compared as routing does. */
function allows(
  allowed: readonly string[],
  modelId: string,
  requestedName: string | null | undefined,
): boolean {
  const names = allowed.map(normaliseModelName);
  if (names.includes(normaliseModelName(modelId))) return true;
  return requestedName != null && names.includes(normaliseModelName(requestedName));
}

/** No request runs without a bound: the least of what the client wants, the tier's cap and the context. */
function outputCap(
  tier: Caller["account"]["tier"],
  model: RoutableModel,
  wantedTokens: number | null,
  config: Config,
): number {
  const caps = [config.tiers[tier].max_output_tokens, wantedTokens, model.contextLength];
  return Math.min(...caps.filter((cap) => cap !== null && cap !== undefined));
}
