/** `npm run bench`: the gateway beside a bare proxy and the engine itself, in one run, in turns. */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import path from "node:path";
import { endChildrenOnExit } from "./child.ts";
import { writeSection } from "./document.ts";
import type { Measured } from "./figures.ts";
import { judge } from "./goals.ts";
import { LoadGenerator } from "./load/generator.ts";
import { joinFailures } from "./load/jobs.ts";
import { help, type Options, readOptions } from "./options.ts";
import { profileGateway } from "./profile/run.ts";
import { buildPrograms, type Programs } from "./programs.ts";
import { figureTable, goalTable } from "./report.ts";
import { measureTargets } from "./rounds.ts";
import { openTargets } from "./targets/all.ts";
import { GatewayTarget } from "./targets/gateway.ts";
import type { Target } from "./targets/target.ts";

const resultsDir = path.join(import.meta.dirname, "results");

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(help);
  if (process.platform !== "linux")
    throw new Error("The bench reads CPU times from /proc: it runs on Linux only.");
  await mkdir(resultsDir, { recursive: true });
  const programs = await buildPrograms(path.resolve(import.meta.dirname, "..", "dist", "bench"));
  const folder = await mkdtemp(path.join(tmpdir(), "gateway-bench-"));
  endChildrenOnExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  await measureAll(options, programs, folder);
}

async function measureAll(options: Options, programs: Programs, folder: string): Promise<void> {
  const targets = await openTargets(options.only, programs, folder);
  const load = new LoadGenerator(programs.loadGenerator, path.join(folder, "load-generator.log"));
  try {
    if (options.profile) await profileAll(targets.list, load, options);
    else await report(await measureTargets(targets.list, load, options.plan, options.rounds), options);
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

/** Prints the tables, keeps all figures, and sets the exit code: any failure of a request makes a run worthless. */
async function report(measured: Measured, options: Options): Promise<void> {
  const goals = judge(measured);
  const parts = [...measured.rounds, measured.fresh].flatMap((part) => Object.values(part));
  const failures = joinFailures(parts.map((part) => part.failures));
  const tables = `${figureTable(measured, options.only)}\n\n${goalTable(goals)}`;
  console.log(`\n${tables}\n`);
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
  const results = {
    measuredAt: new Date().toISOString(),
    machine,
    plan: options.plan,
    goals,
    failures,
    ...measured,
  };
  await writeFile(path.join(resultsDir, "latest.json"), `${JSON.stringify(results, null, 2)}\n`);
  const failed = Object.entries(failures);
  for (const [kind, count] of failed) console.error(`${count} x ${kind}`);
  if (options.writeDocs && failed.length === 0) await writeSection("figures", tables);
  const missed = goals.filter(({ verdict }) => verdict === "missed by far" || verdict === "not measured");
  if (failed.length > 0 || (options.assert && missed.length > 0)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
