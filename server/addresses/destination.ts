/** Where a connection may go that a stranger named: a name is resolved once, and each of its addresses has to be allowed. */
import { isIP, type LookupFunction } from "node:net";
import { type AddressRule, isPublicAddress } from "./address-rule.ts";
import { type Resolve, resolveByNetwork } from "./resolve.ts";

/** A URL, and the addresses that were checked for it. */
export interface Destination {
  url: URL;
  addresses: readonly string[];
}

/** What is wrong with a URL. One word for all that is not there or not public, so that nobody learns which names there are. */
export type DestinationFault = "unfit" | "not_public";

export interface DestinationRules {
  resolve: Resolve;
  isAllowed: AddressRule;
  /** As `/^https:$/`. */
  protocols: RegExp;
}

/** Public addresses by the network's own name servers. */
export const publicDestinations = { resolve: resolveByNetwork, isAllowed: isPublicAddress };

/**
 * Looks where a URL leads; a connection to it must go to these addresses, or the name could lead elsewhere by then.
 * `unfit`: no URL, another protocol, or one with a user name.
 */
export async function checkDestination(
  text: string,
  { resolve, isAllowed, protocols }: DestinationRules,
  signal: AbortSignal,
): Promise<Destination | { fault: DestinationFault }> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocols.test(url.protocol) || url.username || url.password) return { fault: "unfit" };
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // Other ways to write an address, as in one number, serve no good purpose.
  if (isIP(host) === 4 && !text.includes(host)) return { fault: "not_public" };
  const addresses = isIP(host) ? [host] : await resolve(host, signal);
  if (addresses.length === 0 || !addresses.every((address) => isAllowed(address)))
    return { fault: "not_public" };
  return { url, addresses };
}

/** Answers every question for a name with the addresses that were checked. */
export function lookupOf(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, give) => {
    const [first] = known;
    if (all) give(null, known);
    else give(null, first?.address ?? "", first?.family);
  };
}
