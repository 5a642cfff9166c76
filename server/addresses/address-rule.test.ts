import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./address-rule.ts";

describe("an address that may be fetched from", () => {
  it.each(["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])(
    "may be %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ["this machine", ["127.0.0.1", "127.255.255.254", "0.0.0.0", "::1", "::"]],
    ["private networks", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00::1"]],
    ["the link", ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"]],
    ["a provider's network", ["100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"]],
    ["many at once", ["224.0.0.1", "255.255.255.255", "ff02::1"]],
    ["nobody", ["192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "192.88.99.1"]],
    ["nobody, in IPv6", ["2001:db8::1", "3fff::1", "100::1", "4000::1", "5f00::1", "2001:2::1"]],
    ["an IPv4 address that is not public", ["::ffff:127.0.0.1", "::ffff:a00:1", "::127.0.0.1", "::a00:1"]],
    [
      "a translation of one",
      ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "::ffff:0:808:808"],
    ],
    ["a tunnel", ["2002:7f00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]],
    ["no address", ["", "localhost", "example.com", "127.1.1.1.1", "8.8.8.8:80"]],
  ])("is not one of %s", (_what, addresses) => {
    for (const address of addresses) expect(isPublicAddress(address), address).toBe(false);
  });

  it("is none of this machine's own, even a public one", () => {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of own) expect(isPublicAddress(address), address).toBe(false);
  });
});
