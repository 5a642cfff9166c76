/** What those are told for whom a model could not be loaded: admins why, clients what they can do. */
import { GatewayError } from "../../../lib/errors.ts";
import type { LeaseOptions, RoutableModel } from "../../../lib/slots/types.ts";
import type { Turnstile } from "../queue/turnstile.ts";
import type { KnownFailure } from "./backoff.ts";

const maxRetryAfterS = 60;
/** Where nobody knows how long a load takes. */
const usualRetryAfterS = 5;

type Reader = Pick<LeaseOptions, "isAdmin">;

/** A load has failed, now or a while ago. */
export function loadFailed(
  modelId: string,
  { message, leftMs }: KnownFailure,
  { isAdmin }: Reader,
): GatewayError {
  const leftS = Math.max(1, Math.ceil(leftMs / 1000));
  const words = isAdmin
    ? `could not be loaded, and is not tried again for ${leftS} s. ${message}`
    : "cannot be loaded at present. Try again later, or ask the operator.";
  return new GatewayError("engine_unavailable", `The model '${modelId}' ${words}`, {
    retryAfterS: Math.min(maxRetryAfterS, leftS),
  });
}

/** @param reason what is short, in words; null for slots */
export function noRoom(modelId: string, reason: string | null, { isAdmin }: Reader): GatewayError {
  const details =
    reason ??
    "Every slot is in use, and none may be emptied now: unload one. Models that requests had loaded make room when nobody uses them, those that you loaded only with auto_load.evict, and pinned ones never.";
  const words = isAdmin ? ` ${details}` : " Try again later, or use a model that is loaded.";
  return new GatewayError("engine_unavailable", `There is no room for the model '${modelId}' now.${words}`);
}

/** Another model is being loaded for the same user. */
export function oneAtATime(modelId: string, { modelId: other, loading }: Turnstile): GatewayError {
  const leftMs = (loading?.readyAtMs ?? 0) - performance.now();
  return new GatewayError(
    "rate_limit_exceeded",
    `The model '${modelId}' has to be loaded, and '${other}' is being loaded for you now: one at a time. Try again when that is done.`,
    { retryAfterS: leftMs > 0 ? Math.min(maxRetryAfterS, Math.ceil(leftMs / 1000)) : usualRetryAfterS },
  );
}

/** Nothing runs it, and nothing will by itself. */
export function notRunning(modelId: string, models: readonly RoutableModel[]): GatewayError {
  const known = models.find(({ id }) => id === modelId);
  if (!known)
    return new GatewayError("model_not_found", `The model '${modelId}' does not exist here.`, {
      param: "model",
    });
  const reasons: Partial<Record<RoutableModel["status"], string>> = {
    failed: "cannot be run: its engine failed",
    draining: "is being unloaded",
  };
  const reason = reasons[known.status] ?? "is not loaded";
  return new GatewayError("engine_unavailable", `The model '${modelId}' ${reason}. Ask the operator.`);
}
