/** What operators, clients and bad luck do to a gateway's slots. */
import { chat, counting, hello, openStream, sentence } from "../../harness/chat.ts";
import { modelFiles } from "../../harness/data-folder.ts";
import type { Gateway } from "../../harness/gateway.ts";
import type { Dice } from "../accounting/dice.ts";

export interface Outcome {
  /** Of the answer; 0 where there is none. */
  status: number;
  /** What is wrong with it; null where nothing is. */
  fault: string | null;
}

export type Operation = (gateway: Gateway, dice: Dice) => Promise<Outcome>;

const nothing: Outcome = { status: 0, fault: null };

const files = [modelFiles.text, modelFiles.omni, modelFiles.think, modelFiles.embed, modelFiles.rerank];
export const chatModels = ["tiny-text", "tiny-omni", "tiny-think"];
/** As many slots as are used: fewer than models, so that they get into each other's way. */
export const slotsUsed = 3;

const load: Operation = (gateway, dice) =>
  act(gateway, "slots/load", [200, 202, 409, 422], {
    slot: gateway.slot(dice.whole(0, slotsUsed - 1)),
    model_path: dice.pick(files),
    ctx_size: dice.pick([256, 512]),
    parallel: dice.whole(1, 2),
    wait: dice.chance(0.7),
  });

const unload: Operation = (gateway, dice) => act(gateway, `slots/${anySlot(gateway, dice)}/unload`, [200]);

const restart: Operation = (gateway, dice) =>
  act(gateway, `slots/${anySlot(gateway, dice)}/restart`, [200, 409, 422]);

/** A model that nobody runs is loaded for it; 503 where there is no room, and 502 where its engine is killed. */
const ask: Operation = async (gateway, dice) => {
  const response = await chat(target(gateway), { ...hello, model: dice.pick(chatModels) });
  const answer = await response.text();
  const { status } = response;
  const isGood = status === 200 ? answer.includes(sentence) : status === 502 || status === 503;
  return { status, fault: isGood ? null : `A chat gave ${status}: ${answer}` };
};

/** A client that reads a little, and goes away. */
const leave: Operation = async (gateway, dice) => {
  const stream = await openStream(target(gateway), {
    ...counting,
    model: dice.pick(chatModels),
    max_tokens: 200,
  });
  const { status } = stream.response;
  for (let event = dice.whole(0, 3); event > 0 && status === 200; event--)
    await stream.next().catch(() => null);
  stream.leave();
  return { status, fault: [200, 502, 503].includes(status) ? null : `A stream gave ${status}` };
};

/** Whatever the engine is doing at that moment. */
const kill: Operation = async (gateway, dice) => {
  const pids = (await gateway.slots()).flatMap(({ pid }) => pid ?? []);
  if (pids.length === 0) return nothing;
  try {
    process.kill(dice.pick(pids), dice.pick(["SIGKILL", "SIGTERM", "SIGABRT"] as const));
  } catch {
    // It has ended meanwhile.
  }
  return nothing;
};

/** Loads and requests come more often than anything else. */
export const operations: readonly [name: string, Operation][] = [
  ["load", load],
  ["load", load],
  ["unload", unload],
  ["restart", restart],
  ["ask", ask],
  ["ask", ask],
  ["ask", ask],
  ["leave", leave],
  ["kill", kill],
];

function target({ url, adminKey }: Gateway): { url: string; key: string } {
  return { url, key: adminKey };
}

function anySlot(gateway: Gateway, dice: Dice): number {
  return gateway.slot(dice.whole(0, slotsUsed - 1));
}

async function act(
  gateway: Gateway,
  endpoint: string,
  expected: readonly number[],
  body?: object,
): Promise<Outcome> {
  const response = await gateway.adminResponse("POST", endpoint, body);
  const answer = await response.text();
  const { status } = response;
  return { status, fault: expected.includes(status) ? null : `${endpoint} gave ${status}: ${answer}` };
}
