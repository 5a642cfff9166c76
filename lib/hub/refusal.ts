/** What goes wrong with the hub, in words that say what to do. */
import { GatewayError } from "../errors.ts";

/** What the hub was asked for. */
export interface HubQuestion {
  hubUrl: string;
  hasToken: boolean;
  /** The repository, or null for a search. */
  repoId: string | null;
}

const maxRetryAfterS = 3600;
const defaultRetryAfterS = 60;

/** The refusal for an answer of the hub that is no success. */
export function hubRefusal(status: number, headers: Headers, question: HubQuestion): GatewayError {
  const { repoId, hubUrl, hasToken } = question;
  const what = repoId === null ? "the search" : `'${repoId}'`;
  const page = repoId === null ? hubUrl : `${hubUrl}/${repoId}`;
  if (status === 401 || status === 403) return closed(headers.get("x-error-code"), question, page);
  if (status === 404)
    return new GatewayError(
      "not_found",
      repoId === null
        ? `${hubUrl} knows no model search. Check hub_url.`
        : `There is no such model, file or revision in ${what} on ${hubUrl}.${hasToken ? "" : " If it is private, set hf_token."}`,
    );
  if (status === 429)
    return new GatewayError("rate_limit_exceeded", `${hubUrl} takes no more requests for now. Try later.`, {
      retryAfterS: retryAfterS(headers) ?? defaultRetryAfterS,
    });
  return new GatewayError("hub_failed", `${hubUrl} answered ${what} with status ${status}. Try again later.`);
}

/** Seconds that an answer asks to wait; null where it does not. Either form of RFC 9110, 10.2.3. */
export function retryAfterS(headers: Headers, nowMs = Date.now()): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  return Number.isFinite(seconds) ? Math.min(maxRetryAfterS, Math.max(1, Math.ceil(seconds))) : null;
}

/** The refusal for a hub that could not be asked, or whose answer is none. Answered ones pass unchanged. */
export function hubUnreachable(hubUrl: string, cause: unknown): GatewayError {
  return new GatewayError(
    "hub_unavailable",
    `${hubUrl} cannot be reached${reasonOf(cause)}. Check this machine's network, or set hub_url to a mirror that it reaches. Models that are here already work without it.`,
    { cause },
  );
}

export function hubNonsense(hubUrl: string, cause: unknown): GatewayError {
  return new GatewayError("hub_failed", `${hubUrl} did not answer as a model hub does. Check hub_url.`, {
    cause,
  });
}

function closed(errorCode: string | null, { repoId, hasToken, hubUrl }: HubQuestion, page: string) {
  if (repoId === null)
    return new GatewayError("permission_denied", `${hubUrl} refuses the search. Check hf_token.`);
  const isGated = errorCode === "GatedRepo";
  const steps = hasToken
    ? `Sign in at ${page} with the account that hf_token belongs to and accept the model's terms; the owner may have to let you in. Then try again.`
    : `Accept the model's terms at ${page}, make a token in your account's settings there, and set it as hf_token. Then try again.`;
  const cause = isGated
    ? `'${repoId}' is gated: it is open to those who accept its terms.`
    : `${hubUrl} does not open '${repoId}'${hasToken ? " with this hf_token" : " without a token"}: it is gated, private, or not there.`;
  return new GatewayError("permission_denied", `${cause} ${steps}`);
}

const reasons: Record<string, string> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "no name server answers",
  ECONNREFUSED: "the connection is refused",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "there is no way to it",
  ECONNRESET: "the connection broke",
  ETIMEDOUT: "it does not answer in time",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer in time",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer in time",
  UND_ERR_BODY_TIMEOUT: "it stopped sending",
  UND_ERR_SOCKET: "the connection broke",
};

/** As ` (the connection is refused)`; empty for an unknown reason. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code !== null && reasons[code] ? ` (${reasons[code]})` : "";
}

/** The code of an error, or of the one below it: connections to several addresses fail as a group. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null) return null;
  if ("code" in error && typeof error.code === "string") return error.code;
  if ("errors" in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return "cause" in error ? codeOf(error.cause) : null;
}
