/** `npm run bench -- --profile`: where the gateway's microseconds go while it is under load. */
import { mkdir, rm } from "node:fs/promises";
import type { LoadGenerator } from "../load/generator.ts";
import type { Plan } from "../options.ts";
import { markdownTable } from "../report.ts";
import type { GatewayTarget } from "../targets/gateway.ts";
import { nowUs, type OwnTime, readProfiles, type Window } from "./cpu-profile.ts";
import { partOf } from "./group.ts";

const intervalUs = 250;
const shownFunctions = 30;

interface Work {
  title: string;
  /** What one of `count` is. */
  unit: string;
  count: number;
  window: Window;
}

/** Loads the gateway with whole answers, then with streams; returns tables of own time by part and by function. */
export async function profileGateway(
  target: GatewayTarget,
  load: LoadGenerator,
  plan: Plan,
  folder: string,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  target.nodeFlags = profileFlags(folder);
  await target.start();
  const work: Work[] = [];
  try {
    const { address } = target;
    await load.run<"wait">({ kind: "wait", address, limitMs: 60_000 });
    await runJson(target, load, plan, plan.warmUpMs);
    work.push(await runJson(target, load, plan, plan.jsonMs), await runStreams(target, load, plan));
  } finally {
    await target.stop();
  }
  const tables: string[] = [];
  for (const each of work) tables.push(await describe(each, folder));
  return tables.join("\n\n");
}

/** Node's switches that write a profile of each thread into a folder when the process ends. */
export function profileFlags(folder: string): string[] {
  const preload = new URL("name-json.mjs", import.meta.url).href;
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${intervalUs}`, "--import", preload];
}

async function runJson(
  target: GatewayTarget,
  load: LoadGenerator,
  plan: Plan,
  durationMs: number,
): Promise<Work> {
  const { address, expect, engine, name } = target;
  await engine.setGapMs(0);
  const fromUs = nowUs();
  const { requests } = await load.run<"json">({
    kind: "json",
    address,
    connections: plan.connections,
    durationMs,
    tokens: plan.jsonTokens,
    expect,
  });
  return {
    title: `${name}: whole answers`,
    unit: "request",
    count: requests,
    window: { fromUs, toUs: nowUs() },
  };
}

async function runStreams(target: GatewayTarget, load: LoadGenerator, plan: Plan): Promise<Work> {
  const { address, engine, name } = target;
  await engine.setGapMs(plan.gapMs);
  const fromUs = nowUs();
  const { tokens } = await load.run<"streams">({
    kind: "streams",
    address,
    atOnce: plan.streamsAtOnce,
    inARow: plan.streamsInARow,
    tokens: plan.streamTokens,
  });
  return { title: `${name}: streams`, unit: "token", count: tokens, window: { fromUs, toUs: nowUs() } };
}

async function describe({ title, unit, count, window }: Work, folder: string): Promise<string> {
  const threads = await readProfiles(folder, window);
  const main = threads.filter(({ isMain }) => isMain).flatMap(({ ownTimes }) => ownTimes);
  const others = threads.filter(({ isMain }) => !isMain).flatMap(({ ownTimes }) => ownTimes);
  const parts = [...sumBy(main, partOf), ...sumBy(others, (each) => `database thread: ${partOf(each)}`)];
  const places = sumBy(
    [...main, ...others],
    ({ functionName, url, line }) =>
      `${functionName || "(anonymous)"} ${shorten(url)}${url === "" ? "" : `:${line}`}`,
  );
  const total = parts.reduce((sum, [, us]) => sum + us, 0);
  const row = ([name, us]: [string, number]) => [
    name,
    (us / count).toFixed(2),
    `${((100 * us) / total).toFixed(1)}%`,
  ];
  const head = [["", `µs a ${unit}`, "share"]];
  const summary = `### ${title}\n\n${(total / count).toFixed(1)} µs a ${unit} over ${count} ${unit}s.`;
  const byPart = markdownTable([
    ...head,
    ...parts
      .sort(larger)
      .filter(([, us]) => us / total > 0.002)
      .map(row),
  ]);
  const byPlace = markdownTable([...head, ...places.sort(larger).slice(0, shownFunctions).map(row)]);
  return `${summary}\n\n${byPart}\n\n${byPlace}`;
}

function sumBy(times: readonly OwnTime[], key: (time: OwnTime) => string): [string, number][] {
  const sums = new Map<string, number>();
  for (const time of times) sums.set(key(time), (sums.get(key(time)) ?? 0) + time.us);
  return [...sums];
}

function larger([, one]: [string, number], [, other]: [string, number]): number {
  return other - one;
}

function shorten(url: string): string {
  return url
    .replace(/^file:\/\//, "")
    .replace(/^.*\/node_modules\//, "")
    .replace(`${process.cwd()}/`, "");
}
