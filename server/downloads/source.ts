/**
 * Opens what is downloaded. The hub is who the operator named and may be anywhere; each other host, by redirect too, has
 * to be public, and never sees the token.
 */
import type { Readable } from "node:stream";
import { Client, type Dispatcher } from "undici";
import { hubRefusal, retryAfterS } from "../../lib/hub/refusal.ts";
import { checkDestination, type DestinationRules, lookupOf } from "../addresses/destination.ts";
import { connectionTrouble, Trouble } from "./trouble.ts";

/** Where a file comes from. */
export interface Source {
  url: string;
  /** Set for a file of the hub. */
  hub: { url: string; token: string | null; repoId: string } | null;
}

export interface SourceOptions {
  /** For all hosts but the hub. */
  rules: DestinationRules;
  connectMs: number;
  /** Silence of a server after which it counts as gone. */
  stallMs: number;
}

export interface SourceAnswer {
  /** 200, 206 or 416. */
  status: number;
  headers: Headers;
  body: Readable;
  host: string;
  /** Ends the connection. */
  close(): void;
}

const redirects = [301, 302, 303, 307, 308];
const maxRedirects = 5;
/** Statuses after which the same question can have another answer. */
const passing = [408, 425, 429];

/**
 * Asks for the file. Close the answer at the end.
 * @param range headers that ask for a part of it
 * @throws Trouble
 */
export async function openSource(
  source: Source,
  range: Record<string, string>,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<SourceAnswer> {
  let next = source.url;
  for (let step = 0; step <= maxRedirects; step++) {
    const answer = await ask(next, source, range, options, signal);
    if (typeof answer !== "string") return answer;
    next = answer;
  }
  throw new Trouble("failed", `The address leads on more than ${maxRedirects} times.`);
}

/** The answer, or the address that it leads to. */
async function ask(
  text: string,
  source: Source,
  range: Record<string, string>,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<SourceAnswer | string> {
  const { url, lookup } = await destination(text, source, options, signal);
  signal.throwIfAborted();
  const client = new Client(url.origin, {
    connect: { timeout: options.connectMs, ...(lookup && { lookup }) },
    headersTimeout: options.stallMs,
    bodyTimeout: options.stallMs,
  });
  // The signal lives as long as the download; what hangs on it must not outlive an attempt.
  const attempt = new AbortController();
  const abort = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const close = () => {
    signal.removeEventListener("abort", abort);
    client.destroy().catch(() => undefined);
  };
  try {
    const headers = { ...range, ...ownHeaders(url, source) };
    const answer = await client.request({
      method: "GET",
      path: url.pathname + url.search,
      headers,
      signal: attempt.signal,
    });
    // What is given up half read makes an error, which nobody else would take.
    answer.body.on("error", () => undefined);
    const { location } = answer.headers;
    if (
      redirects.includes(answer.statusCode) &&
      typeof location === "string" &&
      URL.canParse(location, url)
    ) {
      close();
      return new URL(location, url).href;
    }
    return { ...usable(answer, url, source), body: answer.body, host: url.host, close };
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw connectionTrouble(url.host, error);
  }
}

async function destination(text: string, { hub }: Source, { rules }: SourceOptions, signal: AbortSignal) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && hub && isHubHost(url, new URL(hub.url))) return { url, lookup: null };
  const checked = await checkDestination(text, rules, signal);
  signal.throwIfAborted();
  if (!("fault" in checked)) return { url: checked.url, lookup: lookupOf(checked.addresses) };
  throw new Trouble(
    // Where there is no network, no name has a public address either.
    checked.fault === "not_public" ? "again" : "failed",
    checked.fault === "not_public"
      ? `${url?.host ?? "The address"} has no public address that could be found.`
      : "The address leads to one that is not https.",
  );
}

/** The operator's own word covers its host, on every port; never a step back from https. */
function isHubHost(url: URL, hub: URL): boolean {
  return (
    url.hostname === hub.hostname &&
    (url.protocol === "https:" || url.protocol === hub.protocol) &&
    !url.username
  );
}

function ownHeaders(url: URL, { hub }: Source): Record<string, string> {
  const headers = { "user-agent": "llm-gateway", "accept-encoding": "identity" };
  const isHub = hub?.token && url.origin === new URL(hub.url).origin;
  return isHub ? { ...headers, authorization: `Bearer ${hub.token}` } : headers;
}

/** @throws Trouble for an answer that holds no bytes of the file */
function usable(
  { statusCode: status, headers: answered }: Dispatcher.ResponseData,
  url: URL,
  { hub }: Source,
) {
  const headers = new Headers(
    Object.entries(answered).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  );
  if (status === 200 || status === 206 || status === 416) {
    if ((headers.get("content-encoding") ?? "identity") === "identity") return { status, headers };
    throw new Trouble("failed", `${url.host} sends the file compressed.`);
  }
  if (passing.includes(status) || status >= 500)
    throw new Trouble("again", `${url.host} answers with status ${status}.`, retryAfterS(headers));
  if (!hub) throw new Trouble("failed", `${url.host} answers with status ${status}.`);
  if (url.origin === new URL(hub.url).origin) {
    const question = { hubUrl: hub.url, hasToken: hub.token !== null, repoId: hub.repoId };
    throw new Trouble("failed", hubRefusal(status, headers, question).message);
  }
  // A signed address has run out: the hub gives a new one.
  throw new Trouble("again", `${url.host} answers with status ${status}.`);
}
