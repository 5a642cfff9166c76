/** The users and keys of the accounting run. */
import { createHash } from "node:crypto";
import type { Tier } from "../../../lib/money/types.ts";
import { queryDatabase } from "../../harness/database.ts";
import type { Gateway } from "../../harness/gateway.ts";
import { models } from "./models.ts";
import type { Asker } from "./question.ts";

/** One key, and whom it belongs to. */
export interface Asking {
  key: string;
  keyId: number;
  userId: number;
  tier: Tier;
  /** What the user began with. */
  startNanos: number;
}

export type Askers = Record<Asker, readonly Asking[]>;

/** Pays for some requests, but not for all that are sent in its name. */
const smallDollars = 0.0001;
const dollars = 1_000;

export async function makeAskers(gateway: Gateway): Promise<Askers> {
  const payer = await newUser(gateway, "payg", dollars);
  const crowd = [
    payer,
    await furtherKey(gateway, payer, {}),
    await newUser(gateway, "payg", dollars),
    await newUser(gateway, "sub", dollars),
    await newUser(gateway, "sub", dollars),
    await newUser(gateway, "admin", 0),
  ];
  const slow = await newUser(gateway, "payg", dollars, { tokens_per_minute: 150 });
  return {
    crowd,
    stranger: [{ ...payer, key: `sk-${"0".repeat(48)}` }],
    poor: [await newUser(gateway, "payg", smallDollars)],
    lonely: [await furtherKey(gateway, payer, { concurrency: 1 })],
    slow: [slow],
    narrow: [await furtherKey(gateway, payer, { models: [models.rank] })],
  };
}

async function newUser(gateway: Gateway, tier: Tier, balance: number, limits = {}): Promise<Asking> {
  const { id, apiKey } = await gateway.createUser({ tier, balance, limits });
  const startNanos = Math.round(balance * 1e9);
  return { key: apiKey, keyId: keyIdOf(gateway, apiKey), userId: id, tier, startNanos };
}

async function furtherKey(gateway: Gateway, owner: Asking, limits: object): Promise<Asking> {
  const key = await gateway.admin<{ id: number; api_key: string }>("POST", `users/${owner.userId}/apikey`, {
    limits,
  });
  return { ...owner, key: key.api_key, keyId: key.id };
}

function keyIdOf({ dataDir }: Gateway, apiKey: string): number {
  const hash = createHash("sha256").update(apiKey).digest("hex");
  const [row] = queryDatabase<{ id: number }>(dataDir, "SELECT id FROM api_keys WHERE hash = ?", hash);
  if (!row) throw new Error("The key is not in the database.");
  return row.id;
}
