/** The connection to the hub for its lists: short waits, bounded answers, and no step to another host. */
import { Agent, type Dispatcher } from "undici";

export interface HubFetchOptions {
  /** Name look-up and connection: who is offline is told so at once. */
  connectMs?: number;
  /** Of a whole answer. */
  deadlineMs?: number;
}

const redirects = [301, 302, 303, 307, 308];
/** A repository that has moved answers with its new name. */
const maxRedirects = 3;
const maxAnswerBytes = 32 * 1024 * 1024;

/** Idle connections are closed soon: nobody searches often. */
const keepAliveMs = 5_000;

/** A `fetch` for GET requests; it rejects with undici's own errors, whose codes say what is wrong. */
export function hubFetch({ connectMs = 3_000, deadlineMs = 20_000 }: HubFetchOptions = {}): typeof fetch {
  const agent = new Agent({ connect: { timeout: connectMs }, keepAliveTimeout: keepAliveMs });
  return async (target, init) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const headers = Object.fromEntries(new Headers(init?.headers));
    let url = new URL(String(target));
    for (let step = 0; ; step++) {
      const answer = await agent.request({ ...partsOf(url), method: "GET", headers, signal }).catch(timedOut);
      const next = step < maxRedirects ? sameHost(answer, url) : null;
      if (next === null) return toResponse(answer);
      await answer.body.dump();
      url = next;
    }
  };
}

const partsOf = (url: URL) => ({ origin: url.origin, path: url.pathname + url.search });

/** Where a redirect leads to; null where it leads to another host, which is never asked: it must not see the token. */
function sameHost({ statusCode, headers }: Dispatcher.ResponseData, url: URL): URL | null {
  const { location } = headers;
  if (!redirects.includes(statusCode) || typeof location !== "string" || !URL.canParse(location, url))
    return null;
  const next = new URL(location, url);
  return next.origin === url.origin ? next : null;
}

async function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Response> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) throw new Error("The answer is too large.");
    chunks.push(chunk);
  }
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const isEmpty = statusCode === 204 || statusCode === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status: statusCode, headers: pairs });
}

/** A deadline counts as no answer, with the code that sockets have for it. */
function timedOut(error: unknown): never {
  const isDeadline = error instanceof Error && error.name === "TimeoutError";
  throw isDeadline
    ? Object.assign(new Error("No answer in time."), { code: "ETIMEDOUT", cause: error })
    : error;
}
