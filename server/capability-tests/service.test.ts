import { symlink } from "node:fs/promises";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CapabilityRow } from "../../lib/data/capability-tests.ts";
import { smolModel, tinyModels } from "../../tests/fixtures/index.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { lease, openRig } from "../slots/test-support/open-rig.ts";
import { eventually, type Rig } from "../slots/test-support/rig.ts";
import { CapabilityTestService } from "./service.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.remove());

interface Tested {
  rig: Rig;
  service: CapabilityTestService;
  logLines: string[];
  rows: CapabilityRow[];
  /** Links a model into the folder under a name that no other test uses. */
  add(name: string, target: string): Promise<{ model_path: string }>;
}

async function open(isBusy = () => false, config: Record<string, unknown> = {}): Promise<Tested> {
  const rig = await openRig({ config });
  const logLines: string[] = [];
  const log = pino({}, { write: (line: string) => logLines.push(line) });
  const benchmarks = {
    get isBusy() {
      return isBusy();
    },
  };
  const { database } = test;
  const service = new CapabilityTestService({
    slots: rig.slots,
    database,
    config: rig.config,
    benchmarks,
    log,
    quietMs: 0,
  });
  const rows: CapabilityRow[] = [];
  service.subscribe((row) => rows.push(row));
  service.start();
  onTestFinished(() => service.stop());
  const add = async (name: string, target: string) => {
    await rig.slots.localModels();
    await symlink(target, path.join(rig.dataDir, "models", `${name}.gguf`));
    return { model_path: `${name}.gguf` };
  };
  return { rig, service, logLines, rows, add };
}

const until = ({ rows }: Tested, count: number) =>
  eventually(`${count} results`, () => (rows.length >= count ? rows : undefined));
const results = (rows: readonly CapabilityRow[]) =>
  Object.fromEntries(rows.map(({ capability, works }) => [capability, works]));

describe("after its first load", () => {
  it("a model is tried, with what came instead where it fails; not again as long as its file is the same", async () => {
    const tested = await open();
    const { rig, logLines } = tested;
    const [port] = rig.ports;
    const request = await tested.add("first", (await tinyModels()).text);
    await rig.slots.load(port, request);
    const rows = await until(tested, 4);
    expect(rows.map(({ capability }) => capability)).toEqual([
      "tools",
      "tools_auto",
      "json_schema",
      "reasoning",
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ modelId: "first", requestId: expect.stringMatching(/^req_/) });
      expect(row.detail).not.toBe("");
      expect(logLines.some((line) => line.includes(row.requestId))).toBe(true);
    }
    expect(results(rows)).toMatchObject({ tools: true, tools_auto: true, reasoning: false });
    expect(rows[0]?.detail).toMatch(/^It called get_weather with '\{/);
    expect(rows[3]?.detail).toMatch(/^It did not think, or not apart from its answer: said '/);
    expect(await test.database.capabilityTests.all("first")).toHaveLength(4);

    await rig.slots.unload(port);
    await rig.slots.load(port, request);
    await rig.slots.load(rig.ports[1], await tested.add("second", (await tinyModels()).embed));
    const more = await until(tested, 5);
    expect(more[4]).toMatchObject({ modelId: "second", capability: "embedding" });
    expect(more[4]?.detail).toMatch(/^Vectors of \d+ numbers/);
    expect(more).toHaveLength(5);
  });

  it("rerankers, eyes and ears are tried for what they add", async () => {
    const tested = await open();
    const tiny = await tinyModels();
    await tested.rig.slots.load(tested.rig.ports[0], await tested.add("ranks", tiny.rerank));
    expect(await until(tested, 1)).toMatchObject([
      { capability: "rerank", detail: expect.stringMatching(/^Document 1 answers the query; scores/) },
    ]);
    const seeing = await tested.add("sees", tiny.text);
    const omni = { ...seeing, mmproj_path: path.basename(tiny.mmprojOmni) };
    await tested.rig.slots.load(tested.rig.ports[1], omni);
    const rows = await until(tested, 7);
    expect(rows[5]).toMatchObject({
      capability: "image",
      works: false,
      detail: expect.stringMatching(
        /^The picture was taken for \d+ tokens of prompt, but asked for its colour/,
      ),
    });
    expect(rows[6]).toMatchObject({
      capability: "audio",
      works: true,
      detail: expect.stringMatching(/^A second of sound was taken for \d+ tokens/),
    });
  });

  it("nothing is tried where that is switched off, until an admin asks for it", async () => {
    const tested = await open(undefined, { test_capabilities: false });
    const { rig, service } = tested;
    await rig.slots.load(rig.ports[0], await tested.add("asked", (await tinyModels()).embed));
    expect(service.pending("asked")).toEqual([]);
    expect(service.retest("asked")).toEqual(["embedding"]);
    expect(await until(tested, 1)).toMatchObject([{ modelId: "asked", capability: "embedding" }]);
    await eventually("it is done", () => service.pending("asked").length === 0 || undefined);
    expect(() => service.retest("tiny-text")).toThrow(/is not loaded/);
  });

  it("a model that does not call, whatever it says, is recorded as such; thoughts apart from answers as well", async () => {
    const tested = await open();
    await tested.rig.slots.load(tested.rig.ports[0], await tested.add("smol", await smolModel()));
    const [first, , third] = await until(tested, 3);
    expect(first).toMatchObject({
      works: false,
      detail: expect.stringMatching(/^It called nothing, but said '/),
    });
    expect(third).toMatchObject({ capability: "json_schema", works: true });
    await tested.rig.slots.load(tested.rig.ports[1], await tested.add("thinks", (await tinyModels()).think));
    const rows = await until(tested, 8);
    expect(rows[7]).toMatchObject({ modelId: "thinks", capability: "reasoning", works: true });
  });
});

describe("clients", () => {
  it("of the same slot are served at once, and the test begins again", async () => {
    const tested = await open(undefined, { performance: { parallel: 1 } });
    const { rig } = tested;
    await rig.slots.load(rig.ports[0], await tested.add("wanted", await smolModel()));
    const running = await eventually("it runs", () => rig.slots.queue().engines[0]?.inFlight[0]);
    expect(running).toMatchObject({ endpoint: "capability-test", userId: 0 });
    const startedMs = performance.now();
    const turn = await lease(rig, "wanted");
    expect(performance.now() - startedMs).toBeLessThan(100);
    expect(tested.rows).toEqual([]);
    turn.release();
    expect(await until(tested, 1)).toMatchObject([{ capability: "tools", requestId: running.requestId }]);
  });

  it("of other slots keep it waiting, too, as does a benchmark", async () => {
    let isMeasuring = true;
    const tested = await open(() => isMeasuring);
    const { rig, service } = tested;
    await rig.slots.load(rig.ports[0], { model_path: "tiny-rerank.gguf" });
    const turn = await lease(rig, "tiny-rerank");
    await rig.slots.load(rig.ports[1], await tested.add("waits", (await tinyModels()).embed));
    isMeasuring = false;
    service.retest("waits");
    expect(rig.slots.trials.busyWith()).toBe(1);
    expect(tested.rows).toEqual([]);
    turn.release();
    await eventually("it was tried", () => tested.rows.find(({ modelId }) => modelId === "waits"));
  });
});

describe("an engine", () => {
  it("that is unloaded is not kept, and no failure is recorded", async () => {
    const tested = await open();
    const { rig } = tested;
    await rig.slots.load(rig.ports[0], await tested.add("leaves", await smolModel()));
    await eventually("it runs", () => rig.slots.queue().engines[0]?.inFlight[0]);
    const startedMs = performance.now();
    await rig.slots.unload(rig.ports[0]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(tested.rows).toEqual([]);
  });

  it("that ends over a test has failed it, and is tried for the rest when it is back", async () => {
    const tested = await open();
    const { rig } = tested;
    await rig.slots.load(rig.ports[0], await tested.add("dies", await smolModel()));
    await eventually("it runs", () => rig.slots.queue().engines[0]?.inFlight[0]);
    process.kill((await rig.slots.snapshot())[0]?.pid ?? 0, "SIGKILL");
    const [first, second] = await until(tested, 2);
    expect(first).toMatchObject({
      capability: "tools",
      works: false,
      detail: /^Its request failed: .*killed/s,
    });
    expect(second).toMatchObject({ capability: "tools_auto" });
  });

  it("is let go at once when the gateway stops", async () => {
    const tested = await open();
    const { rig, service } = tested;
    await rig.slots.load(rig.ports[0], await tested.add("stops", await smolModel()));
    await eventually("it runs", () => rig.slots.queue().engines[0]?.inFlight[0]);
    await service.stop();
    expect(rig.slots.trials.busyWith()).toBe(0);
    expect(tested.rows).toEqual([]);
  });
});
