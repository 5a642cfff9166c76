/** Every run of a slot is written down with its end, and what has failed can be tried once more. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SlotSnapshot } from "../../lib/slots/types.ts";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { freeze, kill, renewed, wrapEngine } from "./test-support/engine-trouble.ts";
import { embed, openRig, refusal, text } from "./test-support/open-rig.ts";
import type { Rig, RigOptions } from "./test-support/rig.ts";

let held: TestDatabase;
beforeEach(async () => {
  held = await openTestDatabase();
});
afterEach(() => held.remove());

const openWrittenRig = (options: RigOptions = {}) => openRig({ ...options, database: held.database });

/** Oldest first; the rig's own end writes what is still under way. */
async function runsOf(rig: Rig, port: number) {
  await rig.slots.shutdown(5_000);
  return (await held.database.slotRuns.history(port, 100)).reverse();
}

describe("history", () => {
  it("has every run of a slot: what, when, and why it ended", async () => {
    const rig = await openWrittenRig({ config: { engine_stall_s: 1 } });
    const { slots, ports } = rig;
    const first = await slots.load(ports[0], text);
    kill(first, "SIGKILL");
    await renewed(rig, first);
    await slots.restart(ports[0]);
    await slots.unload(ports[0]);
    const hanging = await slots.load(ports[0], embed);
    await freeze(hanging);
    await renewed(rig, hanging);
    const runs = await runsOf(rig, ports[0]);
    expect(runs.map(({ modelId, cause }) => [modelId, cause])).toEqual([
      ["tiny-text", "killed"],
      ["tiny-text", "restarted"],
      ["tiny-text", "unloaded"],
      ["tiny-embed", "hung"],
      ["tiny-embed", "gateway_stopped"],
    ]);
    for (const run of runs) {
      expect(run.readyAtMs).toBeGreaterThanOrEqual(run.startedAtMs);
      expect(run.endedAtMs).toBeGreaterThanOrEqual(run.readyAtMs ?? 0);
      expect(run.lastLines.join("\n")).toContain("listening on");
      expect(run.lastLines.length).toBeLessThanOrEqual(50);
    }
    expect(runs[0]?.fingerprint).toMatch(/^\d+@\d+$/);
    expect(runs[0]?.fingerprint).toBe(runs[1]?.fingerprint);
    const { fingerprint = "", settings = "" } = runs[3] ?? {};
    expect(JSON.parse(settings)).toMatchObject({ ctxSize: 512, parallel: 4, threads: 1 });
    const loadsMs = runs.slice(3).map(({ readyAtMs, startedAtMs }) => (readyAtMs ?? 0) - startedAtMs);
    expect(await held.database.slotRuns.learned("tiny-embed", fingerprint, settings)).toEqual({
      loadMs: Math.min(...loadsMs),
      memoryBytes: expect.any(Number),
    });
  });

  it("has loads that failed, that were too slow, that were given up, and that were never begun", async () => {
    const rig = await openWrittenRig({ config: { load_timeout_s: 1 } });
    const { slots, ports, config } = rig;
    const real = rig.environment.llamaServer;
    await wrapEngine(rig, "echo no device; exit 9");
    await refusal(slots.load(ports[0], text));
    rig.environment.llamaServer = real;
    await wrapEngine(rig, "exec sleep 30");
    await refusal(slots.load(ports[0], text));
    const givenUp = slots.load(ports[0], text).catch(() => null);
    await rig.until(ports[0], "starting");
    await slots.unload(ports[0]);
    await givenUp;
    await config.setSlot(ports[0], { model_path: "folder/missing.gguf" });
    await rig.until(ports[0], "failed");
    const runs = await runsOf(rig, ports[0]);
    expect(runs.map(({ modelId, cause, readyAtMs }) => [modelId, cause, readyAtMs])).toEqual([
      ["tiny-text", "unknown", null],
      ["tiny-text", "load_timeout", null],
      ["tiny-text", "unloaded", null],
      ["missing", "unsuitable", null],
    ]);
    expect(runs[0]?.lastLines).toEqual(["no device"]);
    expect(runs[3]?.lastLines).toEqual([]);
  });

  it("ends the runs of a gateway that died", async () => {
    const run = { modelId: "m", fingerprint: "", settings: "{}", startedAtMs: 5 };
    const rig = await openWrittenRig();
    await rig.slots.shutdown(0);
    await held.database.slotRuns.begin({ port: rig.ports[0], ...run });
    await rig.restart();
    expect((await runsOf(rig, rig.ports[0])).map(({ cause }) => cause)).toEqual(["gateway_ended"]);
  });
});

describe("a load that failed", () => {
  it("for want of memory is told so, and fits with half the context", async () => {
    const rig = await openWrittenRig();
    const { slots, ports } = rig;
    await copyWithLongContext(path.join(rig.dataDir, "models", "long.gguf"));
    const large = {
      model_path: "long.gguf",
      ctx_size: 400_000,
      parallel: 2,
      cache_type_k: "f32",
      cache_type_v: "f32",
    } as const;
    const halfKb = await peakKb(await slots.load(ports[0], { ...large, ctx_size: 200_000 }));
    await slots.unload(ports[0]);
    // The other half takes 200 MB.
    await wrapEngine(rig, `ulimit -v ${halfKb + 50_000}`);
    const error = await refusal(slots.load(ports[0], large));
    expect(error.status).toBe(422);
    expect(error.message).toMatch(/^Out of memory: it could not get \d+ MB/);
    const [failed] = await slots.snapshot();
    expect(failed).toMatchObject({
      status: "failed",
      error: error.message,
      cause: "out_of_memory",
      nextStep: { action: "load", change: { ctx_size: 200_000 } },
    });
    expect(await slots.retry(ports[0])).toMatchObject({
      status: "ready",
      ctxSize: 200_000,
      parallel: 2,
      cause: null,
    });
    expect(rig.config.current.slots[ports[0]]).toEqual({ ...large, ctx_size: 200_000 });
    const runs = await runsOf(rig, ports[0]);
    expect(runs.slice(1).map(({ cause }) => cause)).toEqual(["out_of_memory", "gateway_stopped"]);
  });

  it("is tried again with other options, while it waits for its next start, too", async () => {
    const rig = await openRig({
      timings: {
        restart: { maxCrashes: 3, firstBackoffMs: 60_000, maxBackoffMs: 60_000, healthyAfterMs: 60_000 },
      },
    });
    const { slots, ports } = rig;
    kill(await slots.load(ports[0], text), "SIGSEGV");
    expect(await rig.until(ports[0], "crashed")).toMatchObject({ cause: "engine_bug" });
    expect((await refusal(slots.retry(ports[0], { mmproj_path: "missing.gguf" }))).status).toBe(400);
    expect((await rig.until(ports[0], "crashed")).crashes).toBe(1);
    expect(await slots.retry(ports[0], { ctx_size: 256 })).toMatchObject({ status: "ready", ctxSize: 256 });
    expect((await refusal(slots.retry(ports[0]))).status).toBe(409);
    expect((await refusal(slots.retry(ports[1]))).status).toBe(409);
    expect((await refusal(slots.retry(1))).status).toBe(404);
  });
});

/** A tiny model that says of itself that it was trained for a million tokens. */
async function copyWithLongContext(file: string): Promise<void> {
  const bytes = await readFile((await tinyModels()).text);
  const key = "llama.context_length";
  bytes.writeUInt32LE(1_000_000, bytes.indexOf(key) + key.length + 4);
  await writeFile(file, bytes);
}

/** The most address space that an engine has had. */
async function peakKb({ pid }: SlotSnapshot): Promise<number> {
  const status = await readFile(path.join("/proc", String(pid), "status"), "utf8");
  return Number(/^VmPeak:\s+(\d+) kB$/m.exec(status)?.[1]);
}
