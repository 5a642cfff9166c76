/** Where a request comes from, behind proxies too. */
import ipaddr from "ipaddr.js";

/** The server writes the address of the connection into it, over whatever a client may have sent. */
export const peerHeader = "x-llm-gateway-peer";

/** What an address is counted under: customers get IPv6 addresses by the /64. */
const ipv6CountedBits = 64;

/**
 * The client's address as limits count it: the address itself, or its /64. Of `X-Forwarded-For` only what trusted
 * proxies have written counts, so the list is read from its end up to the first address that is none of theirs.
 * @param trustedProxies `trusted_proxies` of the config: addresses and CIDR blocks
 * @returns "unknown" where the connection's address is not known
 */
export function clientAddress(headers: Headers, trustedProxies: readonly string[]): string {
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  let found = parse(headers.get(peerHeader) ?? "");
  while (found !== null && isTrusted(found, trustedProxies)) {
    const before = parse(forwarded.pop() ?? "");
    if (before === null) break;
    found = before;
  }
  return found === null ? "unknown" : counted(found);
}

/** Whether the connection is a trusted proxy's: then its other `X-Forwarded` headers count, too. */
export function isFromTrustedProxy(headers: Headers, trustedProxies: readonly string[]): boolean {
  const peer = parse(headers.get(peerHeader) ?? "");
  return peer !== null && isTrusted(peer, trustedProxies);
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** IPv4 that is written as IPv6 is IPv4; some proxies add a port or brackets. */
function parse(text: string): Address | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function isTrusted(address: Address, proxies: readonly string[]): boolean {
  return proxies.some((proxy) => {
    const [network, bits] = proxy.includes("/") ? ipaddr.parseCIDR(proxy) : wholeAddress(proxy);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

function wholeAddress(text: string): [Address, number] {
  const address = ipaddr.process(text);
  return [address, address.toByteArray().length * 8];
}

function counted(address: Address): string {
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const bytes = address.toByteArray().fill(0, ipv6CountedBits / 8);
  return `${new ipaddr.IPv6(bytes).toString()}/${ipv6CountedBits}`;
}
