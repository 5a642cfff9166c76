import { describe, expect, it } from "vitest";
import { configSchema } from "../config/schema.ts";
import type { Accounts, Caller, Limits, Tier } from "../money/types.ts";
import type { RoutableModel } from "../slots/types.ts";
import { admit } from "./admit.ts";

const config = configSchema.parse({
  admin_key: `sk-${"0".repeat(48)}`,
  session_secret: "0".repeat(64),
  aliases: {},
  slots: {},
});
const storage = { storageOk: () => true } as Accounts;
const model: RoutableModel = {
  id: "tiny",
  type: "text",
  capabilities: ["text"],
  contextLength: 4096,
  status: "ready",
  createdS: 0,
};

function callerOf(tier: Tier, balanceNanos = 1, limits: Limits = {}): Caller {
  return {
    account: {
      id: 1,
      email: "a@example.org",
      tier,
      active: true,
      balanceNanos,
      limits,
      sessionVersion: 1,
      createdAtMs: 0,
    },
    key: {
      id: 1,
      userId: 1,
      name: "key",
      prefix: "sk-00000",
      kind: "user",
      limits: {},
      expiresAtMs: null,
      revokedAtMs: null,
      createdAtMs: 0,
    },
  };
}

describe("admit", () => {
  it.each([
    ["what the client wants", "payg", 7, 4096, 7],
    ["the context", "admin", 1_000_000, 4096, 4096],
    ["the tier's cap", "payg", null, 1_000_000, config.tiers.payg.max_output_tokens],
  ] as const)("bounds the answer by %s", (_name, tier, wanted, contextLength, tokens) => {
    const grant = admit(callerOf(tier), { ...model, contextLength }, "tiny", wanted, config, storage);
    expect(grant.maxOutputTokens).toBe(tokens);
  });

  it("takes no request that could not be recorded", () => {
    const full = { storageOk: () => false } as Accounts;
    expect(() => admit(callerOf("admin"), model, "tiny", null, config, full)).toThrow(
      expect.objectContaining({ code: "storage_unavailable" }),
    );
  });

  it("asks for a balance above zero of all but admins", () => {
    expect(() => admit(callerOf("payg", 0), model, "tiny", null, config, storage)).toThrow(
      expect.objectContaining({ code: "insufficient_balance" }),
    );
    expect(admit(callerOf("admin", 0), model, "tiny", null, config, storage).model).toBe(model);
  });

  it("lets a limited account use a model by its own name or by the alias that it may use", () => {
    const limited = callerOf("payg", 1, { models: ["gpt-4o-mini"] });
    expect(admit(limited, model, "GPT-4o-mini", null, config, storage).model).toBe(model);
    expect(() => admit(limited, model, "tiny", null, config, storage)).toThrow(
      expect.objectContaining({ code: "permission_denied" }),
    );
  });
});
