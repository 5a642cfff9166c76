import { describe, expect, it } from "vitest";
import { type Config, configSchema } from "../config/schema.ts";
import type { Accounts, Caller, Limits, Tier } from "../money/types.ts";
import type { RoutableModel } from "../slots/types.ts";
import { type AdmissionServices, admit } from "./admit.ts";
import type { BaseCall, Endpoint } from "./endpoint.ts";
import { Commitments } from "./limits/commitments.ts";
import { RequestLimiter } from "./limits/request-limiter.ts";

interface Call extends BaseCall {
  wanted: number | null;
}

const endpoint: Endpoint<Call> = {
  outputTokens: ({ wanted }: Call) => wanted,
  promptTokens: (_call: Call, bodyBytes: number) => bodyBytes,
} as Endpoint<Call>;
const model: RoutableModel = {
  id: "tiny",
  type: "text",
  capabilities: ["text"],
  contextLength: 2048,
  status: "ready",
  createdS: 0,
};
/** A prompt token costs 1,000 nano-dollars, a generated one 2,000. */
const pricing = { input_per_1k: 0.001, output_per_1k: 0.002 };

function services(config: Partial<Config> = {}, isWritable = true): AdmissionServices {
  const secrets = { admin_key: `sk-${"0".repeat(48)}`, session_secret: "0".repeat(64) };
  const current = configSchema.parse({ ...secrets, aliases: {}, slots: {}, pricing, ...config });
  return {
    config: { current } as AdmissionServices["config"],
    accounts: { storageOk: () => isWritable } as Accounts,
    commitments: new Commitments(),
    limiter: new RequestLimiter(),
  };
}

function callerOf(
  tier: Tier,
  balanceNanos = 1_000_000_000,
  limits: Limits = {},
  keyLimits: Limits = {},
): Caller {
  const account = {
    id: 1,
    email: "a@example.org",
    tier,
    active: true,
    balanceNanos,
    limits,
    sessionVersion: 1,
  };
  const key = { id: 1, userId: 1, name: "key", prefix: "sk-00000", kind: "user" as const, limits: keyLimits };
  return {
    account: { ...account, createdAtMs: 0 },
    key: { ...key, expiresAtMs: null, revokedAtMs: null, createdAtMs: 0 },
  };
}

function ask(
  caller: Caller,
  {
    wanted = null,
    bodyBytes = 100,
    name = "tiny",
    countedMs = 0,
    ...rest
  }: {
    wanted?: number | null;
    bodyBytes?: number;
    name?: string;
    countedMs?: number;
    with?: AdmissionServices;
  } = {},
) {
  const wish = { caller, model, call: { model: name, wanted }, bodyBytes, countedMs, requests: null };
  return admit(endpoint, wish, rest.with ?? services(), performance.now());
}

const refusal = (code: string) => expect.objectContaining({ code });

describe("admit", () => {
  it.each([
    ["what the client wants", 7, 7],
    ["the context", 1_000_000, 2048],
    ["the context where the client names none", null, 2048],
  ])("bounds the answer by %s", (_name, wanted, tokens) => {
    expect(ask(callerOf("payg"), { wanted }).maxOutputTokens).toBe(tokens);
  });

  it("refuses a caller who was disabled while the body was read", () => {
    const caller = callerOf("payg");
    caller.account.active = false;
    expect(() => ask(caller)).toThrow(refusal("permission_denied"));
  });

  it("bounds it by the tier's cap", () => {
    const tiers = { payg: { max_output_tokens: 50 } } as Config["tiers"];
    expect(ask(callerOf("payg"), { with: services({ tiers }) }).maxOutputTokens).toBe(50);
  });

  it("holds the context for each prompt of a list, and no more", () => {
    const shared = services();
    const list = { ...endpoint, prompts: () => 3 };
    const wish = {
      caller: callerOf("payg"),
      model,
      call: { model: "tiny", wanted: 0 },
      bodyBytes: 1_000_000,
      countedMs: 0,
      requests: null,
    };
    admit(list, wish, shared, performance.now());
    expect(shared.commitments.ofUser(1).heldTokens).toBe(3 * 2048);
  });

  it("takes no request that could not be recorded", () => {
    expect(() => ask(callerOf("admin"), { with: services({}, false) })).toThrow(
      refusal("storage_unavailable"),
    );
  });

  it("lets one of many at once through where the balance is for one", () => {
    const shared = services();
    const caller = callerOf("payg", 120_000); // 100 for the prompt and 10 for the answer.
    const outcomes = Array.from({ length: 1_000 }, () => {
      try {
        return ask(caller, { wanted: 10, with: shared });
      } catch (error) {
        expect(error).toMatchObject({ code: "insufficient_balance" });
        return null;
      }
    });
    expect(outcomes.filter((grant) => grant !== null)).toHaveLength(1);
  });

  it("asks no balance of an admin", () => {
    expect(ask(callerOf("admin", 0), { wanted: 10 }).maxOutputTokens).toBe(10);
  });

  it("lets a limited account use a model by its own name or by the alias that it may use", () => {
    const limited = callerOf("payg", 1_000_000_000, { models: ["gpt-4o-mini"] });
    expect(ask(limited, { name: "GPT-4o-mini" }).model).toBe(model);
    expect(() => ask(limited)).toThrow(refusal("permission_denied"));
  });
});

describe("limits of users and keys", () => {
  it.each([
    ["requests under way", { concurrency: 1 }, "rate_limit_exceeded"],
    ["tokens a minute", { tokens_per_minute: 60 }, "rate_limit_exceeded"],
    ["dollars a month", { monthly_budget: 0.0002 }, "budget_exceeded"],
  ])("%s: the second one is refused, of the user and of the key", (_name, limits, code) => {
    for (const caller of [
      callerOf("payg", 1_000_000_000, limits),
      callerOf("payg", 1_000_000_000, {}, limits),
    ]) {
      const shared = services();
      const grant = ask(caller, { wanted: 10, with: shared });
      expect(() => ask(caller, { wanted: 10, with: shared })).toThrow(refusal(code));
      expect(shared.commitments.ofUser(1).inFlight).toBe(1);
      grant.reservation.close({ costNanos: 0, tokens: 0 });
      expect(ask(caller, { wanted: 10, with: shared }).maxOutputTokens).toBe(10);
    }
  });

  it("tokens a month are the tier's, and what a request may use counts", () => {
    const tiers = { sub: { monthly_tokens: 250 } } as Config["tiers"];
    const shared = services({ tiers });
    ask(callerOf("sub"), { wanted: 100, with: shared });
    expect(() => ask(callerOf("sub"), { wanted: 100, with: shared })).toThrow(refusal("budget_exceeded"));
    expect(ask(callerOf("payg"), { wanted: 100, with: shared }).maxOutputTokens).toBe(100);
  });

  it("a request that can never fit is told so, and not to come again", () => {
    const caller = callerOf("payg", 1_000_000_000, { tokens_per_minute: 20 });
    expect(() => ask(caller, { wanted: 100 })).toThrow(/at most|fewer output tokens/);
  });

  it("give the request back that they refuse", () => {
    const shared = services();
    const caller = callerOf("payg", 1_000_000_000, { concurrency: 1 });
    const config = shared.config.current;
    for (let index = 0; index < 2; index++) {
      const countedMs = performance.now();
      shared.limiter.count(caller, config, countedMs);
      try {
        ask(caller, { wanted: 10, with: shared, countedMs });
      } catch (error) {
        expect(error).toMatchObject({ code: "rate_limit_exceeded" });
      }
    }
    const { remaining, limit } = shared.limiter.state(caller.account, config, performance.now()) ?? {};
    expect(remaining).toBe((limit ?? 0) - 1);
  });

  it("tell what is left of the tighter limit on tokens", () => {
    const caller = callerOf("payg", 1_000_000_000, { tokens_per_minute: 1_000 }, { tokens_per_minute: 100 });
    expect(ask(caller, { wanted: 10 }).tokens).toMatchObject({ limit: 100, remaining: 100 - 25 - 10 });
  });
});
