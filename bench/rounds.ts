/** All rounds of a run: every target gets the same work, one after another. */
import type { Measured } from "./figures.ts";
import type { LoadGenerator } from "./load/generator.ts";
import { type FreshFigures, measureFresh, measureWork, type WorkFigures } from "./measure.ts";
import type { Plan } from "./options.ts";
import type { Target, TargetName } from "./targets/target.ts";

/** Each target is started anew for each round, as it was for the figures of other gateways that the goals come from. */
export async function measureTargets(
  targets: readonly Target[],
  load: LoadGenerator,
  plan: Plan,
  count: number,
): Promise<Measured> {
  const rounds: Partial<Record<TargetName, WorkFigures>>[] = [];
  for (let number = 0; number < count; number++) {
    const round = await measureRound(targets, number, load, plan);
    rounds.push(round);
    console.log(`round ${number + 1}: ${roundLine(round)}`);
  }
  const fresh: Partial<Record<TargetName, FreshFigures>> = {};
  for (const target of targets) fresh[target.name] = await measureFresh(target, load, plan);
  return { rounds, fresh };
}

/** Every round begins with another target, so that none always has the same neighbour. */
async function measureRound(targets: readonly Target[], number: number, load: LoadGenerator, plan: Plan) {
  const round: Partial<Record<TargetName, WorkFigures>> = {};
  const first = number % targets.length;
  for (const target of [...targets.slice(first), ...targets.slice(0, first)])
    round[target.name] = await measureWork(target, load, plan);
  return round;
}

function roundLine(round: Partial<Record<TargetName, WorkFigures>>): string {
  const parts = Object.entries(round).map(
    ([name, { json, streams }]) =>
      `${name} ${json.cpuUsPerRequest.toFixed(0)} µs a request, ${streams.cpuUsPerToken.toFixed(1)} a token`,
  );
  return parts.join("; ");
}
