/** Fetches images for requests. What the client names is a stranger's word: each step is checked before it is made. */
import { Client, type Dispatcher } from "undici";
import type { ByteBudget, FetchedImage, RemoteImages } from "../../lib/media/types.ts";
import { isPublicAddress } from "../addresses/address-rule.ts";
import {
  checkDestination,
  type Destination,
  type DestinationRules,
  lookupOf,
} from "../addresses/destination.ts";
import { resolveByNetwork } from "../addresses/resolve.ts";

const maxRedirects = 3;
const redirects = [301, 302, 303, 307, 308];
const maxHeaderBytes = 16 * 1024;

const headers = {
  accept: "image/png, image/jpeg, image/webp, image/gif, image/bmp",
  "accept-encoding": "identity",
  "user-agent": "llm-gateway",
};

const faults = {
  not_public: { fault: "is not at a public address" },
  unfit: { fault: "must be an http or https address without a user name" },
} as const;

export class ImageFetcher implements RemoteImages {
  readonly #rules: DestinationRules;

  /** The gateway gives nothing: tests play a public server, and a name server that lies. */
  constructor(resolve = resolveByNetwork, isAllowed = isPublicAddress) {
    this.#rules = { resolve, isAllowed, protocols: /^https?:$/ };
  }

  async fetch(address: string, budget: ByteBudget, signal: AbortSignal): Promise<FetchedImage> {
    let next = address;
    for (let step = 0; step <= maxRedirects; step++) {
      const destination = await checkDestination(next, this.#rules, signal);
      signal.throwIfAborted();
      if ("fault" in destination) return faults[destination.fault];
      const answer = await get(destination, budget, signal);
      signal.throwIfAborted();
      if (!("location" in answer)) return answer;
      next = answer.location;
    }
    return { fault: `leads on more than ${maxRedirects} times` };
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
    return URL.canParse(location, url) ? { location: new URL(location, url).href } : faults.unfit;
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
