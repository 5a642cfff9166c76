/** One request at a time to a model that takes its time. */
import { expect, it } from "vitest";
import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import type { Measure } from "../../lib/benchmarks/types.ts";
import { lease } from "../slots/test-support/open-rig.ts";
import { eventually, type Rig } from "../slots/test-support/rig.ts";
import { measureEngine } from "./measure-engine.ts";
import { openSmolRig, smol } from "./test-support.ts";

/** The starter model in the first slot. */
async function loaded(parallel: number): Promise<Rig> {
  const rig = await openSmolRig({ config: { performance: { parallel } } });
  await rig.slots.load(rig.ports[0], { model_path: `${smol}.gguf` });
  return rig;
}

function measured({ slots }: Rig, measure: Measure): Promise<BenchmarkResults> {
  const [engine] = slots.trials.serving(smol);
  if (!engine) throw new Error("It is not loaded.");
  const signal = new AbortController().signal;
  const options = { measure, streams: [1], requestId: "req_measured", signal, stallMs: 60_000 };
  return measureEngine(engine, { ...options, onProgress: () => undefined });
}

/** What our requests have of an engine now; fails when nothing comes of them. */
const inFlight = ({ slots }: Rig) =>
  eventually("the benchmark has its turn", () => slots.queue().engines[0]?.inFlight[0]);

it("tells llama-server's own speed within a tenth", async () => {
  const rig = await loaded(1);
  const results = await measured(rig, { promptTokens: 32, outputTokens: 40, rounds: 1 });
  if (results.kind !== "text") throw new Error("no figures");
  expect(results.output_tokens).toBe(40);
  // Its own line for the one answer of so many tokens; it may come after the answer.
  const line = await eventually("llama-server tells its own time", () =>
    rig.slots.logs(rig.ports[0], 2_000).find((one) => /(?<!prompt )\beval time.* 40 (tokens|runs)/.test(one)),
  );
  const [, ms] = /\beval time = +([\d.]+) ms/.exec(line) ?? [];
  // Its time is that of the tokens after the first.
  const own = 39_000 / Number(ms);
  const ratio = (results.figures[0]?.generation_tokens_per_s ?? 0) / own;
  expect(ratio).toBeGreaterThan(0.9);
  expect(ratio).toBeLessThan(1.1);
});

it("lets clients through that have to wait, at once, and does the round again", async () => {
  const rig = await loaded(1);
  const results = measured(rig, { promptTokens: 32, outputTokens: 16, rounds: 1 });
  expect(await inFlight(rig)).toMatchObject({ requestId: "req_measured", endpoint: "benchmark", userId: 0 });
  const startedMs = performance.now();
  const turn = await lease(rig, smol);
  expect(performance.now() - startedMs).toBeLessThan(100);
  turn.release();
  expect(await results).toMatchObject({ repeated_rounds: 1, other_requests: 0 });
});

it("counts clients that there was room for", async () => {
  const rig = await loaded(2);
  const results = measured(rig, { promptTokens: 32, outputTokens: 16, rounds: 1 });
  await inFlight(rig);
  (await lease(rig, smol)).release();
  expect(await results).toMatchObject({ repeated_rounds: 0, other_requests: 1 });
});

it("waits until clients that were there before it are done", async () => {
  const rig = await loaded(2);
  const turn = await lease(rig, smol);
  const results = measured(rig, { promptTokens: 16, outputTokens: 8, rounds: 1 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.slots.queue().engines[0]?.inFlight).toEqual([]);
  expect((await rig.slots.snapshot())[0]?.inFlight).toBe(1);
  turn.release();
  expect(await results).toMatchObject({ repeated_rounds: 0, other_requests: 0 });
});
