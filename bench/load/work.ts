/** The load generator's work: closed loops, streams, and streams that are held open. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { exchange, type PreparedRequest, prepareRequest, StreamReader } from "./exchange.ts";
import {
  type Address,
  addFailure,
  type Failures,
  type HoldResult,
  type Job,
  type JsonResult,
  percentile,
  type StreamsResult,
  type WaitResult,
} from "./jobs.ts";

type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

const askAgainMs = 15;
const afterFailureMs = 5;

function connect({ port }: Address): Client {
  return new Client(`http://127.0.0.1:${port}`, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
}

/** Asks until the first whole answer. */
export async function waitForAnswer(job: JobOf<"wait">): Promise<WaitResult> {
  const request = prepareRequest(job.address, 1, false);
  const endMs = performance.now() + job.limitMs;
  let last = "";
  while (performance.now() < endMs) {
    const client = connect(job.address);
    try {
      await exchange(client, request, () => {});
      return { failures: {} };
    } catch (error) {
      last = messageOf(error);
    } finally {
      await client.destroy();
    }
    await sleep(askAgainMs);
  }
  return { failures: { [`no answer in ${job.limitMs} ms: ${last}`]: 1 } };
}

/** One request after another on each connection. */
export async function runJson(job: JobOf<"json">): Promise<JsonResult> {
  const request = prepareRequest(job.address, job.tokens, false);
  const failures: Failures = {};
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + (job.durationMs ?? Number.POSITIVE_INFINITY);
  let left = job.requests ?? Number.POSITIVE_INFINITY;
  const loop = async (client: Client) => {
    while (left > 0 && performance.now() < endMs) {
      left--;
      const sentMs = performance.now();
      try {
        await askOnce(client, request, job.expect);
        latenciesMs.push(performance.now() - sentMs);
      } catch (error) {
        addFailure(failures, messageOf(error));
        await sleep(afterFailureMs);
      }
    }
  };
  await onClients(job.address, job.connections, loop);
  const wallS = (performance.now() - startedMs) / 1000;
  latenciesMs.sort((one, other) => one - other);
  return {
    requests: latenciesMs.length,
    requestsPerS: latenciesMs.length / wallS,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    failures,
  };
}

async function askOnce(client: Client, request: PreparedRequest, expect: string): Promise<void> {
  let body = "";
  await exchange(client, request, (text) => {
    body += text;
  });
  if (!body.includes('"choices"') || !body.includes(expect))
    throw new Error(`wrong body: ${body.slice(0, 160)}`);
}

/** Streams, some at a time and some in a row. */
export async function runStreams(job: JobOf<"streams">): Promise<StreamsResult> {
  const request = prepareRequest(job.address, job.tokens, true);
  const failures: Failures = {};
  const firstMs: number[] = [];
  const gapsMs: number[] = [];
  let tokens = 0;
  const startedMs = performance.now();
  await onClients(job.address, job.atOnce, async (client) => {
    for (let round = 0; round < job.inARow; round++) {
      const reader = new StreamReader();
      try {
        await exchange(client, request, (text) => reader.push(text));
        const fault = reader.faultOf(job.tokens);
        if (fault) addFailure(failures, fault);
      } catch (error) {
        addFailure(failures, messageOf(error));
      }
      tokens += reader.tokens;
      if (reader.firstTokenMs !== null) firstMs.push(reader.firstTokenMs);
      gapsMs.push(reader.longestGapMs);
    }
  });
  const wallS = (performance.now() - startedMs) / 1000;
  firstMs.sort((one, other) => one - other);
  gapsMs.sort((one, other) => one - other);
  return {
    tokens,
    tokensPerS: tokens / wallS,
    firstTokenP50Ms: percentile(firstMs, 0.5),
    firstTokenP99Ms: percentile(firstMs, 0.99),
    longestGapP99Ms: percentile(gapsMs, 0.99),
    failures,
  };
}

/** Opens streams over a while and holds them: `held` resolves when each has given a token, or the time is up. */
export function holdStreams(job: JobOf<"hold">): { held: Promise<HoldResult>; cutOff(): HoldResult } {
  const request = prepareRequest(job.address, job.tokens, true);
  const failures: Failures = {};
  const cuts: (() => void)[] = [];
  let cut = false;
  let held = 0;
  let ended = 0;
  const open = async (index: number) => {
    await sleep((job.rampMs * index) / job.streams);
    const reader = new StreamReader();
    const client = connect(job.address);
    const onData = (text: string) => {
      const waited = reader.firstTokenMs === null;
      reader.push(text);
      if (waited && reader.firstTokenMs !== null) held++;
    };
    const reason = await exchange(client, request, onData, (end) => cuts.push(end)).then(
      () => "a stream ended while it was held",
      messageOf,
    );
    void client.destroy();
    if (cut) return;
    ended++;
    addFailure(failures, reason);
  };
  for (let index = 0; index < job.streams; index++) void open(index);
  const result = () => ({ held, failures });
  const wait = async () => {
    const endMs = performance.now() + job.limitMs;
    while (held + ended < job.streams && performance.now() < endMs) await sleep(20);
    return result();
  };
  return {
    held: wait(),
    cutOff: () => {
      cut = true;
      for (const end of cuts) end();
      return result();
    },
  };
}

async function onClients(
  address: Address,
  count: number,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const clients = Array.from({ length: count }, () => connect(address));
  await Promise.all(clients.map(work));
  await Promise.all(clients.map((client) => client.destroy()));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
