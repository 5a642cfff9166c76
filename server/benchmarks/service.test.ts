import { describe, expect, it } from "vitest";
import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import { lease } from "../slots/test-support/open-rig.ts";
import { ended, openMeasureRig, smol, until } from "./test-support.ts";

const measure = { promptTokens: 64, outputTokens: 32, rounds: 1 };
const text = { modelId: "tiny-text", measure, load: null };
const loadOf = (file: string) => ({ preset: "", options: { model_path: file } });

describe("a benchmark", () => {
  it("of a loaded text model has figures for 1 and 4 at once, and is stored with its settings", async () => {
    const { rig, service, database } = await openMeasureRig();
    await rig.slots.load(rig.ports[0], { model_path: "tiny-text.gguf" });
    const begun = service.measure(text);
    expect(begun).toMatchObject({ status: "running", kind: "benchmark", modelId: "tiny-text" });
    const job = await ended(service, begun.id);
    expect(job).toMatchObject({ status: "done", progress: 1, error: null });
    expect(job.results).toMatchObject({
      kind: "text",
      output_tokens: 32,
      rounds: 1,
      slot: rig.ports[0],
      engine: "llama-server",
      other_requests: 0,
      repeated_rounds: 0,
      estimated: false,
      figures: [{ streams: 1 }, { streams: 4 }],
    });
    const { prompt_tokens } = job.results as BenchmarkResults;
    expect(prompt_tokens).toBeGreaterThan(32);
    expect(prompt_tokens).toBeLessThan(128);
    const [stored] = await database.benchmarks.ofModel("tiny-text", 10);
    expect(stored).toMatchObject({ id: job.benchmarkIds[0], preset: "" });
    expect(JSON.parse(stored?.results ?? "")).toEqual(job.results);
    expect(JSON.parse(stored?.settings ?? "")).toMatchObject({ ctxSize: 512, parallel: 4, threads: 1 });
  });

  it("of an embedding model counts texts", async () => {
    const { rig, service } = await openMeasureRig();
    await rig.slots.load(rig.ports[0], { model_path: "tiny-embed.gguf" });
    const { results } = await ended(service, service.measure({ ...text, modelId: "tiny-embed" }).id);
    if (results?.kind !== "embedding") throw new Error("no figures");
    // Medians of rounds, each of its own.
    for (const { texts_per_s, tokens_per_s } of results.figures)
      expect(Math.abs(tokens_per_s / texts_per_s / results.prompt_tokens - 1)).toBeLessThan(0.3);
    expect(results.figures.map(({ streams }) => streams)).toEqual([1, 4]);
  });

  it("that may load has a slot of its own, which no client is sent to, and leaves it empty", async () => {
    const { rig, service } = await openMeasureRig();
    // Long enough for a client's own load to come in between.
    const lasting = { ...measure, rounds: 12 };
    const { id } = service.measure({ ...text, measure: lasting, load: loadOf("tiny-text.gguf") });
    await until(service, id, ({ step }) => step.startsWith("round"));
    expect((await rig.slots.snapshot())[0]).toMatchObject({ status: "ready", modelName: "tiny-text" });
    expect(rig.slots.models().find((model) => model.id === "tiny-text")?.status).toBe("loadable");
    expect(rig.slots.queue().lines).toEqual([]);
    const client = await lease(rig);
    expect(client.port).toBe(rig.ports[1]);
    client.release();
    expect(await ended(service, id)).toMatchObject({ status: "done", results: { slot: rig.ports[0] } });
    expect((await rig.slots.snapshot()).map(({ status }) => status)).toEqual(["empty", "ready", "empty"]);
    expect(Object.values(rig.config.current.slots)).toEqual([null, null, null]);
  });

  it("refuses what it cannot measure, in words", async () => {
    const { rig, service } = await openMeasureRig();
    const refused = (modelId: string) => () => service.measure({ ...text, modelId });
    expect(refused("none")).toThrow(/does not exist/);
    expect(refused("tiny-rerank")).toThrow(/is for rerank. Only text and embedding/);
    expect(refused("tiny-text")).toThrow(/is not loaded/);
    for (const port of rig.ports.slice(0, 2)) await rig.slots.load(port, { model_path: "tiny-text.gguf" });
    expect(refused("tiny-text")).toThrow(/runs in several slots/);
    expect(service.jobs()).toEqual([]);
  });

  it("is the only one, and can be cancelled at any moment", async () => {
    const { rig, service } = await openMeasureRig();
    const loading = service.measure({ ...text, load: loadOf("tiny-text.gguf") });
    expect(() => service.measure({ ...text, load: loadOf("tiny-text.gguf") })).toThrow(/is being measured/);
    await until(service, loading.id, ({ step }) => step === "loading");
    expect(await service.cancel(loading.id)).toMatchObject({
      status: "cancelled",
      results: null,
      error: null,
    });
    await rig.until(rig.ports[0], "empty");
    const long = { ...measure, outputTokens: 4_096, rounds: 20 };
    const running = service.measure({ modelId: smol, measure: long, load: loadOf(`${smol}.gguf`) });
    await until(service, running.id, ({ step }) => step.startsWith("round"));
    const startedMs = performance.now();
    await service.cancel(running.id);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect((await rig.slots.snapshot())[0]).toMatchObject({ status: "empty", pid: null });
    expect(service.isBusy).toBe(false);
  });

  it("says why, when its engine is unloaded or ends under it", async () => {
    const { rig, service } = await openMeasureRig();
    const long = { modelId: smol, measure: { ...measure, rounds: 20 }, load: loadOf(`${smol}.gguf`) };
    const unloaded = service.measure(long);
    await until(service, unloaded.id, ({ step }) => step.startsWith("round"));
    await rig.slots.unload(rig.ports[0]);
    expect(await ended(service, unloaded.id)).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/was unloaded meanwhile/),
    });
    const killed = service.measure(long);
    await until(service, killed.id, ({ step }) => step.startsWith("round"));
    process.kill((await rig.slots.snapshot())[0]?.pid ?? 0, "SIGKILL");
    expect(await ended(service, killed.id)).toMatchObject({ status: "failed", error: /killed/ });
    await rig.until(rig.ports[0], "empty");
  });
});
