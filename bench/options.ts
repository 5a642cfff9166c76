/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import { type TargetName, targetNames } from "./targets/target.ts";

export const help = `npm run bench -- [options]
  --quick            two short rounds
  --rounds N         rounds (4)
  --only a,b         of: ${targetNames.join(", ")}
  --assert           exit 1 when a target is missed by more than its margin
  --write-docs       put the table into docs/performance.md
  --profile          where the gateway's microseconds go, instead of the table
  --help`;

export interface Options {
  rounds: number;
  plan: Plan;
  only: readonly TargetName[];
  assert: boolean;
  writeDocs: boolean;
  profile: boolean;
  help: boolean;
}

/** How much work a round is. */
export interface Plan {
  warmUpMs: number;
  singleMs: number;
  jsonMs: number;
  connections: number;
  jsonTokens: number;
  streamsAtOnce: number;
  streamsInARow: number;
  streamTokens: number;
  gapMs: number;
  holdStreams: number;
  holdRampMs: number;
  settleMs: number;
}

const fullPlan: Plan = {
  warmUpMs: 1500,
  singleMs: 1500,
  jsonMs: 4000,
  connections: 16,
  jsonTokens: 60,
  streamsAtOnce: 64,
  streamsInARow: 10,
  streamTokens: 100,
  gapMs: 10,
  holdStreams: 1000,
  holdRampMs: 3000,
  settleMs: 300,
};

const quickPlan: Plan = { ...fullPlan, singleMs: 300, jsonMs: 1000, streamsInARow: 2 };

/** @throws TypeError on an option that does not exist, Error on a wrong value */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      assert: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 4));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be 1 or more, not ${values.rounds}.`);
  return {
    rounds,
    plan: values.quick ? quickPlan : fullPlan,
    only: readTargets(values.only),
    assert: values.assert,
    writeDocs: values["write-docs"],
    profile: values.profile,
    help: values.help,
  };
}

function readTargets(list: string | undefined): readonly TargetName[] {
  if (list === undefined) return targetNames;
  return list.split(",").map((wanted) => {
    const name = targetNames.find((known) => known === wanted.trim());
    if (!name) throw new Error(`There is no target "${wanted}". There are: ${targetNames.join(", ")}.`);
    return name;
  });
}
