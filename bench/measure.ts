/** One target's figures in one round. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadGenerator } from "./load/generator.ts";
import { type Failures, joinFailures } from "./load/jobs.ts";
import type { Plan } from "./options.ts";
import type { Target } from "./targets/target.ts";

const startLimitMs = 60_000;
const mib = 1024 * 1024;

/** What a target does in one round; there are many rounds, and medians are taken over them. */
export interface WorkFigures {
  single: { p50Ms: number; p99Ms: number };
  json: { requestsPerS: number; p50Ms: number; p99Ms: number; cpuUsPerRequest: number };
  streams: {
    firstTokenP50Ms: number;
    firstTokenP99Ms: number;
    longestGapP99Ms: number;
    tokensPerS: number;
    cpuUsPerToken: number;
  };
  failures: Failures;
}

/** What is measured once, on a fresh process. */
export interface FreshFigures {
  /** From exec to the first answer to a chat request; null where the target is not started. */
  startMs: number | null;
  /** Null where the target does not hold that many streams. */
  hold: {
    idleMib: number;
    openMib: number;
    kibPerStream: number;
    held: number;
    /** Streams that the engine still serves 2 s after all clients left. */
    leftUpstream: number;
  } | null;
  failures: Failures;
}

/** Starts a target that is down, warms it up, gives it the work of one round, and stops it. */
export async function measureWork(target: Target, load: LoadGenerator, plan: Plan): Promise<WorkFigures> {
  try {
    await start(target, load);
    await warmUp(target, load, plan);
    return await runWork(target, load, plan);
  } finally {
    await target.stop();
  }
}

async function runWork(target: Target, load: LoadGenerator, plan: Plan): Promise<WorkFigures> {
  const single = await runJson(target, load, plan, 1, plan.singleMs);
  const json = await runJson(target, load, plan, plan.connections, plan.jsonMs);
  const streams = await runStreams(target, load, plan);
  return {
    single: { p50Ms: single.p50Ms, p99Ms: single.p99Ms },
    json: {
      requestsPerS: json.requestsPerS,
      p50Ms: json.p50Ms,
      p99Ms: json.p99Ms,
      cpuUsPerRequest: json.cpuUsPerRequest,
    },
    streams: streams.figures,
    failures: joinFailures([single.failures, json.failures, streams.failures]),
  };
}

/** Starts a target that is down, looks at its memory, and stops it. */
export async function measureFresh(target: Target, load: LoadGenerator, plan: Plan): Promise<FreshFigures> {
  try {
    const startMs = await start(target, load);
    const hold = target.holds ? await runHold(target, load, plan) : null;
    return {
      startMs: target.isStarted ? startMs : null,
      hold: hold?.figures ?? null,
      failures: hold?.failures ?? {},
    };
  } finally {
    await target.stop();
  }
}

/** @returns milliseconds until the first answer @throws Error when there is none */
async function start(target: Target, load: LoadGenerator): Promise<number> {
  const beganMs = performance.now();
  await target.start();
  const { address } = target;
  const { failures } = await load.run<"wait">({ kind: "wait", address, limitMs: startLimitMs });
  const startMs = performance.now() - beganMs;
  const [failure] = Object.keys(failures);
  if (failure !== undefined) throw new Error(`${target.name}: ${failure}\n${target.logTail()}`);
  return startMs;
}

/** Compilers and pools get warm; what it shows is not looked at. */
async function warmUp(target: Target, load: LoadGenerator, plan: Plan): Promise<void> {
  const { address, expect } = target;
  await target.engine.setGapMs(0);
  const json = { kind: "json", address, connections: 8, durationMs: plan.warmUpMs, expect } as const;
  await load.run<"json">({ ...json, tokens: plan.jsonTokens });
  await load.run<"streams">({ kind: "streams", address, atOnce: 8, inARow: 1, tokens: 50 });
}

async function runJson(
  target: Target,
  load: LoadGenerator,
  plan: Plan,
  connections: number,
  durationMs: number,
) {
  const { address, expect } = target;
  await target.engine.setGapMs(0);
  const before = target.usage();
  const job = { kind: "json", address, connections, durationMs, expect, tokens: plan.jsonTokens } as const;
  const result = await load.run<"json">(job);
  // What a target does after its answers, such as writing usage rows, belongs to them.
  await sleep(plan.settleMs);
  const cpuUs = target.usage().cpuUs - before.cpuUs;
  return { ...result, cpuUsPerRequest: cpuUs / Math.max(1, result.requests) };
}

async function runStreams(target: Target, load: LoadGenerator, plan: Plan) {
  await target.engine.setGapMs(plan.gapMs);
  const before = target.usage();
  const result = await load.run<"streams">({
    kind: "streams",
    address: target.address,
    atOnce: plan.streamsAtOnce,
    inARow: plan.streamsInARow,
    tokens: plan.streamTokens,
  });
  await sleep(plan.settleMs);
  const cpuUs = target.usage().cpuUs - before.cpuUs;
  const { failures, tokens, ...seen } = result;
  return { failures, figures: { ...seen, cpuUsPerToken: cpuUs / Math.max(1, tokens) } };
}

const holdGapMs = 3000;
const holdTokens = 60;
const weighAfterMs = 1500;
const leaveMs = 2000;

/** Memory of an idle target, of one with many streams open, and what the clients' leaving leaves. */
async function runHold(target: Target, load: LoadGenerator, plan: Plan) {
  const { address, engine, expect } = target;
  await engine.setGapMs(0);
  const few = { kind: "json", address, tokens: plan.jsonTokens, expect } as const;
  await target.visit();
  const first = await load.run<"json">({ ...few, connections: 8, requests: 200 });
  await engine.setGapMs(holdGapMs);
  const idle = target.usage();
  const held = await load.run<"hold">({
    kind: "hold",
    address,
    streams: plan.holdStreams,
    rampMs: plan.holdRampMs,
    limitMs: 40_000,
    tokens: holdTokens,
  });
  await sleep(weighAfterMs);
  const open = target.usage();
  const released = await load.run<"release">({ kind: "release", address });
  await sleep(leaveMs);
  const { streamsOpen } = await engine.stats();
  await engine.setGapMs(0);
  const after = await load.run<"json">({ ...few, connections: 4, requests: 100 });
  const parts = [first.failures, released.failures, after.failures];
  return {
    figures: {
      idleMib: idle.rssBytes / mib,
      openMib: open.rssBytes / mib,
      kibPerStream: (open.rssBytes - idle.rssBytes) / 1024 / Math.max(1, held.held),
      held: held.held,
      leftUpstream: streamsOpen,
    },
    failures: joinFailures(parts),
  };
}
