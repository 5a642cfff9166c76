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

/** Lets clients ask, and wait where the engine is gone, until it was killed often enough. @returns every visit */
export async function runDeaths(stage: Stage, { clients, seed, kills }: Deaths): Promise<Visit[]> {
  const visits: Visit[] = [];
  const killing = { isOver: false };
  const each = Array.from({ length: clients }, (_, index) =>
    runClient(stage, new Dice(seed + index), visits, killing),
  );
  for (let life = 0; life < kills; life++) await killOnce(stage, visits);
  killing.isOver = true;
  await Promise.all(each);
  return visits;
}

async function killOnce({ gateway }: Stage, visits: readonly Visit[]): Promise<void> {
  const place = uses.indexOf("left");
  const { pid } = await gateway.waitForStatus(place, "ready");
  if (pid === null) throw new Error("The engine has no process.");
  const known = visits.length;
  await waitFor("some answers", () => visits.length >= known + visitsPerLife, { timeoutMs: 30_000 });
  process.kill(pid, "SIGKILL");
  await waitFor(
    "another engine",
    async () => {
      const slot = await gateway.slotState(place);
      return slot.status === "ready" && slot.pid !== pid;
    },
    { timeoutMs: 60_000 },
  );
}

async function runClient(
  { gateway, askers }: Stage,
  dice: Dice,
  visits: Visit[],
  killing: { isOver: boolean },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!killing.isOver) {
    const asked = (dice.chance(0.5) ? longChat : dice.pick(textQuestions))(dice, models.left);
    const question: Question = { ...asked, statuses: [200, 502, 503], mayFail: true };
    const seen = await visit(gateway.url, agent, dice.pick(askers.crowd), question, null);
    visits.push(seen);
    if (seen.status === 503) await gateway.waitForStatus(uses.indexOf("left"), "ready", 60_000);
  }
  agent.destroy();
}
