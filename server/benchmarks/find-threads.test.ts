import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import type { ThreadsOrder } from "../../lib/benchmarks/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import { actor } from "../database/testing/samples.ts";
import type { Trial } from "../slots/trials.ts";
import { findThreads } from "./find-threads.ts";
import { ended, openMeasureRig, until } from "./test-support.ts";

const order: ThreadsOrder = {
  modelId: "tiny-text",
  measure: { promptTokens: 32, outputTokens: 16, rounds: 1 },
  load: { preset: "", options: { model_path: "tiny-text.gguf" } },
  apply: false,
};

describe("the search for the best count of threads", () => {
  it("measures each in a slot of its own, stores it, and writes the best where it is asked to", async () => {
    const { rig, service, database } = await openMeasureRig();
    const { id } = service.findThreads({ ...order, apply: true }, actor);
    const job = await ended(service, id);
    expect(job).toMatchObject({
      status: "done",
      applied: true,
      best: { tried: [{ threads: 1 }, { threads: 2 }] },
    });
    const rows = await database.benchmarks.ofModel("tiny-text", 2);
    expect(rows.map(({ settings }) => JSON.parse(settings).threads)).toEqual([2, 1]);
    expect(rows.map((row) => row.id)).toEqual(job.benchmarkIds.toReversed());
    expect(rig.config.current.models["tiny-text"]?.threads).toBe(job.best?.threads);
    expect((await rig.slots.snapshot()).map(({ status }) => status)).toEqual(["empty", "empty", "empty"]);
  });

  it("leaves nothing loaded when it is cancelled, and the configuration as it was", async () => {
    const { rig, service } = await openMeasureRig();
    const { id } = service.findThreads({ ...order, apply: true }, actor);
    await until(service, id, ({ step }) => step.startsWith("2 threads"));
    expect(await service.cancel(id)).toMatchObject({ status: "cancelled", best: null, applied: false });
    expect((await rig.slots.snapshot()).map(({ status }) => status)).toEqual(["empty", "empty", "empty"]);
    expect(rig.config.current.models).toEqual({});
  });

  it("is not for models that run elsewhere", async () => {
    const { service } = await openMeasureRig();
    const load = { preset: "", options: { remote: { base_url: "http://127.0.0.1:9", model: "tiny-text" } } };
    expect(() => service.findThreads({ ...order, load }, actor)).toThrow(/its threads are not ours/);
  });
});

const results: BenchmarkResults = {
  kind: "text",
  measure: { prompt_tokens: 32, output_tokens: 16 },
  prompt_tokens: 32,
  output_tokens: 16,
  rounds: 1,
  slot: 4801,
  engine: "llama-server",
  other_requests: 0,
  repeated_rounds: 0,
  estimated: false,
  duration_ms: 1,
  figures: [{ streams: 1, prompt_tokens_per_s: 100, generation_tokens_per_s: 10, first_token_ms: 1 }],
};

/** A search over trials that are none. */
function search(measure: (threads: number, signal: AbortSignal) => Promise<BenchmarkResults>) {
  const open: number[] = [];
  const gone = new AbortController();
  const found = findThreads(order, {
    counts: [1, 2, 3],
    signal: new AbortController().signal,
    onProgress: () => undefined,
    open: async ({ threads = 0 }) => {
      open.push(threads);
      const close = async () => void open.splice(open.indexOf(threads), 1);
      const watch = () => ({ gone: gone.signal, stop: () => undefined });
      return { request: { threads }, watch, close } as unknown as Trial;
    },
    measure: (trial, signal) => measure(trial.request.threads ?? 0, signal),
  });
  return { found, open, gone };
}

describe("a count", () => {
  it("that takes far longer than the quickest is given up, and the next one is tried", async () => {
    const { found, open } = search(async (threads, signal) => {
      if (threads === 2) await sleep(60_000, undefined, { signal });
      return results;
    });
    const best = await found;
    expect(best.tried.map(({ generationTokensPerS }) => generationTokensPerS)).toEqual([10, null, 10]);
    expect(open).toEqual([]);
  });

  it("whose engine ends is the end of the search", async () => {
    const { found, open, gone } = search(async (_threads, signal) => {
      gone.abort(new GatewayError("unprocessable", "The engine ended."));
      signal.throwIfAborted();
      return results;
    });
    await expect(found).rejects.toThrow("The engine ended.");
    expect(open).toEqual([]);
  });
});
