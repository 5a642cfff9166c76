import { describe, expect, it } from "vitest";
import { configSchema } from "../../config/schema.ts";
import type { Caller, Limits, Tier } from "../../money/types.ts";
import { RequestLimiter, rateLimitReached } from "./request-limiter.ts";

const config = configSchema.parse({
  slots: {},
  admin_key: `sk-${"0".repeat(48)}`,
  session_secret: "0".repeat(64),
  rate_limits: { payg: 2, sub: 3 },
});

function caller(tier: Tier, limits: Limits = {}, keyLimits: Limits = {}, keyId = 1): Caller {
  const account = {
    id: 1,
    email: "a@example.org",
    tier,
    active: true,
    balanceNanos: 1,
    limits,
    sessionVersion: 1,
    createdAtMs: 0,
  };
  const key = {
    id: keyId,
    userId: 1,
    name: "",
    prefix: "sk-00000",
    kind: "user" as const,
    limits: keyLimits,
    expiresAtMs: null,
    revokedAtMs: null,
    createdAtMs: 0,
  };
  return { account, key };
}

/** How many of ten requests at one moment are allowed. */
function allowedOf10(limiter: RequestLimiter, who: Caller, nowMs = 0): number {
  return Array.from({ length: 10 }, () => limiter.count(who, config, nowMs).isAllowed).filter(Boolean).length;
}

describe("RequestLimiter", () => {
  it("takes the tier's limit, the user's own, or none", () => {
    expect(allowedOf10(new RequestLimiter(), caller("payg"))).toBe(2);
    expect(allowedOf10(new RequestLimiter(), caller("sub"))).toBe(3);
    expect(allowedOf10(new RequestLimiter(), caller("payg", { requests_per_minute: 7 }))).toBe(7);
    expect(allowedOf10(new RequestLimiter(), caller("payg", { requests_per_minute: null }))).toBe(10);
    expect(allowedOf10(new RequestLimiter(), caller("admin"))).toBe(10);
  });

  it("counts a user over all keys", () => {
    const limiter = new RequestLimiter();
    expect(allowedOf10(limiter, caller("sub", {}, {}, 1))).toBe(3);
    expect(allowedOf10(limiter, caller("sub", {}, {}, 2))).toBe(0);
  });

  it("puts a key's own limit on top, and what the key is refused costs the user nothing", () => {
    const limiter = new RequestLimiter();
    expect(allowedOf10(limiter, caller("sub", {}, { requests_per_minute: 1 }, 1))).toBe(1);
    expect(allowedOf10(limiter, caller("sub", {}, {}, 2))).toBe(2);
  });

  it("tells the tighter of two limits", () => {
    const { state } = new RequestLimiter().count(caller("sub", {}, { requests_per_minute: 2 }), config, 0);
    expect(state).toMatchObject({ limit: 2, remaining: 1 });
  });

  it("says when to come back, at most a minute from now", () => {
    const limiter = new RequestLimiter();
    allowedOf10(limiter, caller("payg"), 0);
    const { isAllowed, state } = limiter.count(caller("payg"), config, 15_500);
    expect(isAllowed).toBe(false);
    expect(state && rateLimitReached(state).options.retryAfterS).toBe(45);
  });

  it("remembers the last minute over a restart", () => {
    const limiter = new RequestLimiter();
    const now = Date.now();
    limiter.restore([
      { userId: 1, keyId: 1, startedAtMs: now - 70_000 },
      { userId: 1, keyId: 1, startedAtMs: now - 10_000 },
    ]);
    expect(allowedOf10(limiter, caller("payg"), performance.now())).toBe(1);
  });
});
