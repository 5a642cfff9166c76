/** Which addresses may be connected to that a client named: those that anybody could reach, so that nothing is told of this network. */
import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** True for an address that may be connected to. */
export type AddressRule = (address: string) => boolean;

/** Where IPv6 has addresses of single machines in the whole internet; ipaddr.js takes what is unknown for one as well. */
const globalUnicast = ipaddr.IPv6.parse("2000::");
const globalUnicastBits = 3;

/** An address of IPv4 in the last four bytes: as sockets write it, and as networks without IPv4 do (NAT64). */
const embedding = ["ipv4Mapped", "rfc6052"];
/** ipaddr.js counts the NAT64 of a local network among them (64:ff9b:1::/48), whose addresses lead anywhere. */
const wellKnownNat64 = ipaddr.IPv6.parse("64:ff9b::");
const mapped = ipaddr.IPv6.parse("::ffff:0:0");
const embeddingBits = 96;

/** A public address by its number, and the host's own services by where it leads (Azure's virtual machines). */
const ofClouds = ["168.63.129.16"];

/** The tunnels 6to4 and Teredo are no public addresses here: nobody serves files by them any more. */
export const isPublicAddress: AddressRule = (text) => {
  if (!ipaddr.isValid(text)) return false;
  const address = withoutEmbedding(ipaddr.parse(text));
  if (address?.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6 && !address.match(globalUnicast, globalUnicastBits)) return false;
  return !ofClouds.includes(address.toString()) && !isOwn(address);
};

/** The IPv4 address where one stands in it; null where it is in none of the two known forms. */
function withoutEmbedding(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (!(address instanceof ipaddr.IPv6) || !embedding.includes(address.range())) return address;
  const isKnown = address.match(mapped, embeddingBits) || address.match(wellKnownNat64, embeddingBits);
  return isKnown ? new ipaddr.IPv4(address.toByteArray().slice(-4)) : null;
}

/** A firewall does not see what this machine sends to itself. */
function isOwn(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(
    (one) => ipaddr.isValid(one.address) && ipaddr.parse(one.address).toString() === address.toString(),
  );
}
