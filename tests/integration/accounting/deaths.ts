/** Clients of an engine that is killed again and again. */
import { Agent } from "node:http";
import { waitFor } from "../../harness/wait.ts";
import { Dice } from "./dice.ts";
import { models, uses } from "./models.ts";
import type { Question } from "./question.ts";
import type { Stage } from "./stage.ts";
import { longChat, textQuestions } from "./text-questions.ts";
import { type Visit, visit } from "./visit.ts";

export interface Deaths {
  clients: number;
  seed: number;
  /** Below the five crashes in a row from which on a slot is given up. */
  kills: number;
}

/** So many answers come before the engine is killed under the next ones. */
const visitsPerLife = 20;

/** What the clients know of their engine. */
interface Life {
  /** It is killed no more. */
  isOver: boolean;
  /** Resolves when there is one again. */
  back: Promise<unknown>;
}

/** Lets clients ask, and wait where the engine is gone, until it was killed often enough. @returns every visit */
export async function runDeaths(stage: Stage, { clients, seed, kills }: Deaths): Promise<Visit[]> {
  const visits: Visit[] = [];
  const life: Life = { isOver: false, back: Promise.resolve() };
  const each = Array.from({ length: clients }, (_, index) =>
    runClient(stage, new Dice(seed + index), visits, life),
  );
  for (let kill = 0; kill < kills; kill++) await killOnce(stage, visits, life);
  life.isOver = true;
  await Promise.all(each);
  return visits;
}

async function killOnce({ gateway }: Stage, visits: readonly Visit[], life: Life): Promise<void> {
  const place = uses.indexOf("left");
  const { pid } = await gateway.waitForStatus(place, "ready");
  if (pid === null) throw new Error("The engine has no process.");
  const known = visits.length;
  await waitFor("some answers", () => visits.length >= known + visitsPerLife, { timeoutMs: 30_000 });
  process.kill(pid, "SIGKILL");
  const isAnother = async () => {
    const slot = await gateway.slotState(place);
    return slot.status === "ready" && slot.pid !== pid;
  };
  life.back = waitFor("another engine", isAnother, { timeoutMs: 60_000, everyMs: 100 });
  await life.back;
}

async function runClient({ gateway, askers }: Stage, dice: Dice, visits: Visit[], life: Life): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!life.isOver) {
    const asked = (dice.chance(0.5) ? longChat : dice.pick(textQuestions))(dice, models.left);
    const question: Question = { ...asked, statuses: [200, 502, 503], mayFail: true };
    const seen = await visit(gateway.url, agent, dice.pick(askers.crowd), question, null);
    visits.push(seen);
    if (seen.status === 503) await life.back;
  }
  agent.destroy();
}
