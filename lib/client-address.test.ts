import { describe, expect, it } from "vitest";
import { clientAddress, isFromTrustedProxy, peerHeader } from "./client-address.ts";

const from = (peer: string, forwardedFor?: string) =>
  new Headers({ [peerHeader]: peer, ...(forwardedFor !== undefined && { "x-forwarded-for": forwardedFor }) });
const proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];

describe("clientAddress", () => {
  it.each([
    ["203.0.113.5", undefined, "203.0.113.5"],
    ["::ffff:203.0.113.5", undefined, "203.0.113.5"],
    // Who is no proxy may write there what it likes.
    ["203.0.113.5", "198.51.100.1", "203.0.113.5"],
    ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"],
    // What the client itself had written stands before what the proxies added.
    ["127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"],
    ["127.0.0.1", "10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", "6.6.6.6, nonsense, 10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["fd00::1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"],
    ["fd00::1", "198.51.100.1:5000", "198.51.100.1"],
    ["", "198.51.100.1", "unknown"],
    ["nonsense", undefined, "unknown"],
  ])("connection from %j, forwarded for %j: %s", (peer, forwardedFor, address) => {
    expect(clientAddress(from(peer, forwardedFor), proxies)).toBe(address);
  });

  it("counts neighbours in one /64 as one, and others apart", () => {
    const [one, other, far] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map((peer) =>
      clientAddress(from(peer), []),
    );
    expect(one).toBe(other);
    expect(one).not.toBe(far);
  });
});

it("knows whose other X-Forwarded headers count", () => {
  expect(isFromTrustedProxy(from("10.9.9.9"), proxies)).toBe(true);
  expect(isFromTrustedProxy(from("203.0.113.5", "10.9.9.9"), proxies)).toBe(false);
});
