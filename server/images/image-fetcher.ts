/** Fetches images for requests. What the client names is a stranger's word: each step is checked before it is made. */
import { isIP, type LookupFunction } from "node:net";
import { Client, type Dispatcher } from "undici";
import type { ByteBudget, FetchedImage, RemoteImages } from "../../lib/media/types.ts";
import { type AddressRule, isPublicAddress } from "./address-rule.ts";
import { type Resolve, resolveByNetwork } from "./resolve.ts";

const maxRedirects = 3;
const redirects = [301, 302, 303, 307, 308];
const maxHeaderBytes = 16 * 1024;

const headers = {
  accept: "image/png, image/jpeg, image/webp, image/gif, image/bmp",
  "accept-encoding": "identity",
  "user-agent": "llm-gateway",
};

/** The same words for a name without an address, so that nobody learns which names there are. */
const notPublic = { fault: "is not at a public address" };
const notFetchable = { fault: "must be an http or https address without a user name" };

/** Where a step leads, and the addresses that were checked for it. */
interface Destination {
  url: URL;
  addresses: readonly string[];
}

export class ImageFetcher implements RemoteImages {
  readonly #resolve: Resolve;
  readonly #isAllowed: AddressRule;

  /** The gateway gives nothing: tests play a public server, and a name server that lies. */
  constructor(resolve = resolveByNetwork, isAllowed = isPublicAddress) {
    this.#resolve = resolve;
    this.#isAllowed = isAllowed;
  }

  async fetch(address: string, budget: ByteBudget, signal: AbortSignal): Promise<FetchedImage> {
    let next = address;
    for (let step = 0; step <= maxRedirects; step++) {
      const destination = await this.#check(next, signal);
      signal.throwIfAborted();
      if ("fault" in destination) return destination;
      const answer = await get(destination, budget, signal);
      signal.throwIfAborted();
      if (!("location" in answer)) return answer;
      next = answer.location;
    }
    return { fault: `leads on more than ${maxRedirects} times` };
  }

  async #check(text: string, signal: AbortSignal): Promise<Destination | { fault: string }> {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return notFetchable;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    // Other ways to write an address, as in one number, serve no good purpose.
    if (isIP(host) === 4 && !text.includes(host)) return notPublic;
    const addresses = isIP(host) ? [host] : await this.#resolve(host, signal);
    if (addresses.length === 0 || !addresses.every((address) => this.#isAllowed(address))) return notPublic;
    return { url, addresses };
  }
}

/** One request, on a connection of its own to an address that was checked: the name is not asked for a second time. */
async function get(
  { url, addresses }: Destination,
  budget: ByteBudget,
  signal: AbortSignal,
): Promise<FetchedImage | { location: string }> {
  const client = new Client(url.origin, {
    connect: { lookup: lookupOf(addresses) },
    maxHeaderSize: maxHeaderBytes,
  });
  try {
    const path = url.pathname + url.search;
    const answer = await client.request({ method: "GET", path, headers, signal });
    // What is given up half read makes an error, which nobody else would take.
    answer.body.on("error", () => undefined);
    return await readAnswer(answer, url, budget);
  } catch {
    return { fault: "cannot be fetched: its server does not answer" };
  } finally {
    client.destroy().catch(() => undefined);
  }
}

async function readAnswer(
  { statusCode, headers: answered, body }: Dispatcher.ResponseData,
  url: URL,
  budget: ByteBudget,
): Promise<FetchedImage | { location: string }> {
  const { location } = answered;
  if (redirects.includes(statusCode) && typeof location === "string")
    return URL.canParse(location, url) ? { location: new URL(location, url).href } : notFetchable;
  if (statusCode !== 200) return { fault: `cannot be fetched: its server answers with status ${statusCode}` };
  if ((answered["content-encoding"] ?? "identity") !== "identity")
    return { fault: "cannot be fetched: its server sends it compressed" };
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) {
    budget.leftBytes -= chunk.length;
    if (budget.leftBytes < 0) return { fault: "is larger than a request may be" };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, give) => {
    const [first] = known;
    if (all) give(null, known);
    else give(null, first?.address ?? "", first?.family);
  };
}
