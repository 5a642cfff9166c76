import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { processStart } from "../../lib/process-identity.mjs";
import { kill, renewed, stream, wrapEngine } from "./test-support/engine-trouble.ts";
import { embed, lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

describe("a crash", () => {
  it("is followed by a new start, and concerns no other slot", async () => {
    // Long enough to be seen in between.
    const rig = await openRig({
      timings: {
        restart: { maxCrashes: 3, firstBackoffMs: 1_000, maxBackoffMs: 1_000, healthyAfterMs: 60_000 },
      },
    });
    const { slots, ports } = rig;
    const [first, second] = await Promise.all([slots.load(ports[0], text), slots.load(ports[1], embed)]);
    const interrupted = stream(await lease(rig)).then(({ body }) => body.text());
    kill(first, "SIGKILL");
    await expect(interrupted).rejects.toThrow();
    expect(await rig.until(ports[0], "crashed")).toMatchObject({
      cause: "killed",
      nextStep: { action: "load" },
    });
    const after = await renewed(rig, first);
    expect(after).toMatchObject({ crashes: 1, error: null, inFlight: 0 });
    expect((await slots.snapshot())[1]).toMatchObject({ status: "ready", pid: second.pid, crashes: 0 });
    (await lease(rig)).release();
  });

  it("refuses new requests until the restart, and keeps those who wait in line", async () => {
    const rig = await openRig({
      timings: { restart: { maxCrashes: 3, firstBackoffMs: 500, maxBackoffMs: 500, healthyAfterMs: 60_000 } },
    });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease(rig);
    const waiting = lease(rig);
    kill(before, "SIGKILL");
    await rig.until(ports[0], "crashed");
    const error = await refusal(lease(rig));
    expect([error.code, error.options.retryAfterS]).toEqual(["engine_unavailable", 1]);
    running.release();
    const turn = await waiting;
    expect(turn.engine).not.toBe(running.engine);
    expect((await slots.snapshot())[0]).toMatchObject({ inFlight: 1, queued: 0 });
    turn.release();
  });

  it("leaves the slot `failed` when it comes again and again, with the engine's words", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    await slots.load(ports[0], text);
    await wrapEngine(rig, "echo the device is gone >&2; exit 7");
    const waiting = lease(rig);
    (await waiting).release();
    kill(await rig.until(ports[0], "ready"), "SIGKILL");
    const failed = await rig.until(ports[0], "failed");
    expect(failed).toMatchObject({ crashes: 3, maxCrashes: 3, pid: null });
    expect(failed.error).toMatch(/exit code 7/);
    expect(failed.error).toMatch(/the device is gone/);
    expect((await refusal(lease(rig))).code).toBe("engine_unavailable");
    expect(slots.models().find(({ id }) => id === "tiny-text")?.status).toBe("failed");
  });

  it("while loading is followed by a new start, and the load succeeds", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    // Each first attempt takes long enough to be hit.
    await wrapEngine(rig, `[ -e '${rig.dataDir}/again' ] || { touch '${rig.dataDir}/again'; sleep 30; }`);
    const loading = slots.load(ports[0], text);
    const starting = await eventually("it has a process", async () => {
      const [snapshot] = await slots.snapshot();
      return snapshot?.pid && snapshot.status === "starting" ? snapshot : undefined;
    });
    await eventually("it is at work", () => existsSync(path.join(rig.dataDir, "again")) || undefined);
    kill(starting, "SIGKILL");
    expect(await loading).toMatchObject({ status: "ready", crashes: 1 });
  });

  it("takes what the engine started with it", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    await wrapEngine(rig, `sleep 300 & echo $! > '${rig.dataDir}/child'`);
    const before = await slots.load(ports[0], text);
    const child = Number(await readFile(path.join(rig.dataDir, "child"), "utf8"));
    expect(processStart(child)).not.toBeNull();
    kill(before, "SIGKILL");
    await renewed(rig, before);
    await eventually("the child is gone", () => processStart(child) === null || undefined);
  });
});
