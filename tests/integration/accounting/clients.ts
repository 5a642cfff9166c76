/** The clients of the accounting run, each with a connection and a die of its own. */
import { Agent } from "node:http";
import { Dice } from "./dice.ts";
import { models } from "./models.ts";
import { embeddingQuestions, rankingQuestions, sideQuestions } from "./other-questions.ts";
import type { Ask, Question } from "./question.ts";
import type { Stage } from "./stage.ts";
import { plainQuestions, textQuestions } from "./text-questions.ts";
import { type Leaving, rollLeaving, type Visit, visit } from "./visit.ts";

export interface Crowd {
  /** At once. */
  clients: number;
  visitsEach: number;
  seed: number;
}

const leavingShare = 0.3;
/** Of those who stay. */
const sideShare = 0.25;

interface Source {
  model: string;
  asks: readonly Ask[];
}

/** Whose engines nobody leaves. */
const kept: readonly Source[] = [
  ...Array.from({ length: 5 }, () => ({ model: models.exact, asks: textQuestions })),
  { model: models.embed, asks: embeddingQuestions },
  { model: models.rank, asks: rankingQuestions },
];

const left: readonly Source[] = [
  ...Array.from({ length: 3 }, () => ({ model: models.left, asks: textQuestions })),
  { model: models.leftEmbed, asks: embeddingQuestions },
  { model: models.counted, asks: plainQuestions },
  { model: models.mute, asks: plainQuestions },
];

/** Lets all clients ask, one question after another. @returns every visit */
export async function runCrowd(stage: Stage, { clients, visitsEach, seed }: Crowd): Promise<Visit[]> {
  const each = Array.from({ length: clients }, (_, index) =>
    runClient(stage, new Dice(seed + index), visitsEach, index),
  );
  return (await Promise.all(each)).flat();
}

async function runClient(
  { gateway, askers }: Stage,
  dice: Dice,
  count: number,
  index: number,
): Promise<Visit[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const visits: Visit[] = [];
  const ask = async (question: Question, leaving: Leaving | null) => {
    visits.push(await visit(gateway.url, agent, dice.pick(askers[question.asker]), question, leaving));
  };
  // Each client begins with another one, so that none of these is missing in a short run, either.
  const side = sideQuestions[index % sideQuestions.length];
  if (side) await ask(side(dice), null);
  while (visits.length < count) {
    if (dice.chance(leavingShare)) {
      const question = rollFrom(dice, left);
      await ask(question, rollLeaving(dice, question));
    } else await ask(rollQuestion(dice), null);
  }
  agent.destroy();
  return visits;
}

function rollQuestion(dice: Dice): Question {
  if (dice.chance(sideShare)) return dice.pick(sideQuestions)(dice);
  return rollFrom(dice, dice.chance(0.7) ? kept : left);
}

function rollFrom(dice: Dice, sources: readonly Source[]): Question {
  const { model, asks } = dice.pick(sources);
  return dice.pick(asks)(dice, model);
}
