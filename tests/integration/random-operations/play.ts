/** Random operations on a real gateway with real engines, from several sides at once, and what must be true afterwards. */
import { chat, hello, sentence } from "../../harness/chat.ts";
import { type Gateway, startGateway } from "../../harness/gateway.ts";
import { isFree } from "../../harness/port.ts";
import { isAlive, processesNaming } from "../../harness/processes.ts";
import type { SlotState } from "../../harness/running-gateway.ts";
import { waitFor } from "../../harness/wait.ts";
import { Dice } from "../accounting/dice.ts";
import { chatModels, operations, slotsUsed } from "./operations.ts";

const players = 3;
/** For starts and crashes under way to come to an end, and for the pause after the last crash. */
const settleMs = 60_000;

export interface Play {
  done: number;
  /** How often an operation had an answer of a status, as `ask 200`. */
  outcomes: Record<string, number>;
  /** Everything that was wrong; empty where all is well. */
  faults: string[];
}

/** @param count operations in all */
export async function play(count: number, seed: number): Promise<Play> {
  await using gateway = await startGateway({
    config: {
      auto_load: { enabled: true, evict: true },
      idle_unload_s: 2,
      drain_s: 2,
      default_ctx_size: 512,
      queue: { deadline_s: 5 },
      models: { "tiny-think": { pinned: true } },
    },
  });
  await gateway.admin("GET", "models/local");
  await leaveNoOtherSlot(gateway);
  const faults: string[] = [];
  const outcomes: Record<string, number> = {};
  let done = 0;
  const player = async (dice: Dice) => {
    while (done < count) {
      done++;
      const [name, operate] = dice.pick(operations);
      const { status, fault } = await operate(gateway, dice);
      outcomes[`${name} ${status}`] = (outcomes[`${name} ${status}`] ?? 0) + 1;
      if (fault !== null) faults.push(fault);
      faults.push(...(await gateway.slots()).flatMap(impossibilities));
    }
  };
  await Promise.all(Array.from({ length: players }, (_, index) => player(new Dice(seed + index))));
  faults.push(...(await whatIsLeft(gateway)));
  return { done, outcomes, faults };
}

/** Slots that take no part run a remote that is not there, so that nothing else is loaded into them. */
async function leaveNoOtherSlot(gateway: Gateway): Promise<void> {
  const elsewhere = { remote: { base_url: "http://127.0.0.1:9/v1", model: "elsewhere" } };
  const others = gateway.slotPorts.slice(slotsUsed).map((port) => [port, elsewhere]);
  await gateway.admin("PATCH", "config", { slots: Object.fromEntries(others) });
}

/** What no slot may ever show. */
function impossibilities(slot: SlotState): string[] {
  const { port, status, pid, model_name: model, in_flight: inFlight, queued } = slot;
  if (model === "elsewhere") return [];
  const isOff = status === "empty" || status === "failed" || status === "crashed";
  const rules: [boolean, string][] = [
    [status === "ready" && (pid === null || model === null), "is ready without a process or a model"],
    [status === "empty" && (model !== null || pid !== null), "is empty with a model"],
    [isOff && inFlight > 0, "has requests without an engine"],
    [(status === "empty" || status === "failed") && queued > 0, "lets requests wait for nothing"],
    [(status === "failed" || status === "crashed") && !slot.error, "does not say why it ended"],
  ];
  return rules
    .filter(([broken]) => broken)
    .map(([, what]) => `Slot ${port} ${what}: ${JSON.stringify(slot)}`);
}

/** Everything comes to rest; what is ready works; what is emptied is gone. */
async function whatIsLeft(gateway: Gateway): Promise<string[]> {
  const faults: string[] = [];
  const mine = async () => (await gateway.slots()).slice(0, slotsUsed);
  const slots = await waitFor(
    "every slot to come to rest",
    async () => {
      const now = await mine();
      return now.every(({ status }) => ["ready", "empty", "failed"].includes(status)) && now;
    },
    { timeoutMs: settleMs },
  );
  for (const { status, pid, in_flight: inFlight, port } of slots) {
    if (status === "ready" && !isAlive(pid ?? 0)) faults.push(`Slot ${port} is ready without a process.`);
    if (inFlight > 0) faults.push(`Slot ${port} still counts ${inFlight} requests.`);
  }
  for (let index = 0; index < slotsUsed; index++)
    await gateway.admin("POST", `slots/${gateway.slot(index)}/unload`);
  for (const { status, port } of await mine()) {
    if (status !== "empty") faults.push(`Slot ${port} is ${status} after all.`);
    if (!(await isFree(port))) faults.push(`Port ${port} is still taken.`);
  }
  const engines = processesNaming(gateway.dataDir).filter(({ command }) =>
    command.includes("--api-key-file"),
  );
  for (const { pid, command } of engines) faults.push(`Engine ${pid} is left: ${command}`);
  faults.push(...(await whatStillWorks(gateway)));
  const code = await gateway.stop();
  if (code !== 0) faults.push(`The gateway ended with code ${code}: ${gateway.logs().slice(-2_000)}`);
  return faults;
}

/** Where every slot is empty and nobody else asks, each answer is certain, however slow the machine. */
async function whatStillWorks(gateway: Gateway): Promise<string[]> {
  const faults: string[] = [];
  const expectAnswer = async (what: string, response: Response, status: number, words: string) => {
    const answer = await response.text();
    if (response.status !== status || !answer.includes(words))
      faults.push(`In the end ${what} gave ${response.status}: ${answer}`);
  };
  const restarted = await gateway.adminResponse("POST", `slots/${gateway.slot(0)}/restart`);
  await expectAnswer("a restart of nothing", restarted, 409, "nothing to restart");
  // What was killed while it was loaded is not tried again for a while, unless the configuration changes.
  await gateway.admin("PATCH", "config", { queue: { deadline_s: 60 } });
  for (const model of chatModels) {
    const answered = await chat({ url: gateway.url, key: gateway.adminKey }, { ...hello, model });
    await expectAnswer(`a chat with ${model}`, answered, 200, sentence);
  }
  return faults;
}
