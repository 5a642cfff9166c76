/** Whether anything is still held for requests that have ended, as a client can see it. */
import { chat, hello } from "../../harness/chat.ts";
import type { Asking } from "./askers.ts";
import { models } from "./models.ts";
import { usersOf } from "./money.ts";
import type { Stage } from "./stage.ts";

/** Pays for a small answer, not for a large one. */
const dollars = 0.0002;
const alone = { concurrency: 1 };

/**
 * Gives each user a small balance and room for one request at once, and lets it spend nearly all of that: this is refused
 * where money is still held, or a request still counts as under way.
 */
export async function holdFaults(stage: Stage): Promise<string[]> {
  const faults = await Promise.all(usersOf(stage.askers).map((asking) => holdFaultsOf(stage, asking)));
  return faults.flat();
}

async function holdFaultsOf({ gateway }: Stage, { userId, key, tier }: Asking): Promise<string[]> {
  await gateway.admin("PATCH", `users/${userId}`, { balance: dollars, limits: alone });
  const ask = async (max_tokens: number) => {
    const response = await chat({ url: gateway.url, key }, { ...hello, model: models.exact, max_tokens });
    return { status: response.status, text: await response.text() };
  };
  if (tier === "admin") return (await ask(1_000)).status === 200 ? [] : [`User ${userId} is not free`];
  const refused = await ask(1_000);
  const [, available] = /and \$(\S+) is available/.exec(refused.text) ?? [];
  const [, affordable] = /at most (\d+) output tokens/.exec(refused.text) ?? [];
  if (Number(available) !== dollars) return [`User ${userId} has less than $${dollars}: ${refused.text}`];
  const granted = await ask(Number(affordable));
  return granted.status === 200 ? [] : [`User ${userId} cannot spend all: ${granted.text}`];
}
