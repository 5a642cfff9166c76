/** Stage: who is asking. */
import { GatewayError } from "../errors.ts";
import type { Accounts, Caller } from "../money/types.ts";

/**
 * The caller behind the request's API key, from `Authorization: Bearer` or `x-api-key`.
 * @throws GatewayError 401 for a missing, malformed, unknown, expired or revoked key; 403 for a disabled account
 */
export function authenticate(request: Request, accounts: Accounts): Caller {
  const presented = presentedKey(request.headers);
  if (presented === null)
    throw new GatewayError(
      "invalid_api_key",
      "No API key was given. Send it as `Authorization: Bearer sk-...`.",
    );
  const caller = accounts.authenticate(presented);
  if (!caller)
    throw new GatewayError(
      "invalid_api_key",
      "This API key is not valid. It may be mistyped, expired or revoked.",
    );
  if (!caller.account.active) throw accountDisabled();
  return caller;
}

export function accountDisabled(): GatewayError {
  return new GatewayError("permission_denied", "This account is disabled. Ask the operator of this gateway.");
}

/** The key as it was sent, or null. */
export function presentedKey(headers: Headers): string | null {
  const authorization = headers.get("authorization");
  if (authorization === null) return headers.get("x-api-key");
  return /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1] ?? null;
}
