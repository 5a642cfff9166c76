/** `npm run bench`: the gateway beside a bare proxy and the engine itself, in one run, in turns. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import path from "node:path";
import { writeSection } from "./document.ts";
import type { Rounds } from "./figures.ts";
import { judge } from "./goals.ts";
import { LoadGenerator } from "./load/generator.ts";
import { joinFailures } from "./load/jobs.ts";
import { measureRound, type RoundFigures } from "./measure.ts";
import { help, type Options, readOptions } from "./options.ts";
import { profileGateway } from "./profile/run.ts";
import { buildPrograms, type Programs } from "./programs.ts";
import { figureTable, goalTable } from "./report.ts";
import { openTargets } from "./targets/all.ts";
import { GatewayTarget } from "./targets/gateway.ts";
import type { Target, TargetName } from "./targets/target.ts";

const resultsDir = path.join(import.meta.dirname, "results");

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(help);
  if (process.platform !== "linux")
    throw new Error("The bench reads CPU times from /proc: it runs on Linux only.");
  await mkdir(resultsDir, { recursive: true });
  const programs = await buildPrograms(path.resolve(import.meta.dirname, "..", "dist", "bench"));
  const folder = await mkdtemp(path.join(tmpdir(), "gateway-bench-"));
  try {
    await measureAll(options, programs, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(options: Options, programs: Programs, folder: string): Promise<void> {
  const targets = await openTargets(options.only, programs, folder);
  const load = new LoadGenerator(programs.loadGenerator, path.join(folder, "load-generator.log"));
  try {
    if (options.profile) await profileAll(targets.list, load, options);
    else await report(await measureRounds(targets.list, load, options), options);
  } finally {
    load.close();
    await targets.close();
  }
}

async function profileAll(targets: readonly Target[], load: LoadGenerator, options: Options): Promise<void> {
  for (const target of targets) {
    if (!(target instanceof GatewayTarget)) continue;
    const folder = path.join(resultsDir, "profiles", target.name);
    const tables = await profileGateway(target, load, options.plan, folder);
    await writeFile(path.join(resultsDir, `profile-${target.name}.md`), `${tables}\n`);
    if (options.writeDocs && target.name === "gateway") await writeSection("profile", tables);
    console.log(`\n${tables}\n\nThe profiles (for a browser's developer tools) are in ${folder}.`);
  }
}

/** Every round begins with another target, so that none always has the same neighbour. */
async function measureRounds(targets: readonly Target[], load: LoadGenerator, options: Options) {
  const rounds: Partial<Record<TargetName, RoundFigures>>[] = [];
  for (let number = 0; number < options.rounds; number++) {
    const figures: Partial<Record<TargetName, RoundFigures>> = {};
    const first = number % targets.length;
    for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
      const result = await measureRound(target, load, options.plan);
      figures[target.name] = result;
      console.log(progressLine(number + 1, target, result));
    }
    rounds.push(figures);
  }
  return rounds;
}

function progressLine(round: number, { name }: Target, { json, streams, failures }: RoundFigures): string {
  const failed = Object.entries(failures).map(([kind, count]) => `\n    ${count} x ${kind}`);
  return (
    `round ${round}, ${name}: ${json.requestsPerS.toFixed(0)} requests/s, ${json.cpuUsPerRequest.toFixed(0)} µs each, ` +
    `${streams.tokensPerS.toFixed(0)} tokens/s, ${streams.cpuUsPerToken.toFixed(1)} µs each` +
    failed.join("")
  );
}

async function report(rounds: Rounds, options: Options): Promise<void> {
  const goals = judge(rounds);
  const failures = joinFailures(rounds.flatMap((round) => Object.values(round).map((each) => each.failures)));
  const tables = `${figureTable(rounds, options.only)}\n\n${goalTable(goals)}`;
  console.log(`\n${tables}\n`);
  if (options.writeDocs) await writeSection("figures", tables);
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
  const results = {
    measuredAt: new Date().toISOString(),
    machine,
    plan: options.plan,
    goals,
    failures,
    rounds,
  };
  await writeFile(path.join(resultsDir, "latest.json"), `${JSON.stringify(results, null, 2)}\n`);
  const failed = Object.entries(failures);
  for (const [kind, count] of failed) console.error(`${count} x ${kind}`);
  const missed = goals.filter(({ verdict }) => verdict === "missed by far" || verdict === "not measured");
  if (failed.length > 0 || (options.assert && missed.length > 0)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
