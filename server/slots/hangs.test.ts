import { describe, expect, it } from "vitest";
import { freeze, renewed, stream } from "./test-support/engine-trouble.ts";
import { lease, openRig, text } from "./test-support/open-rig.ts";

describe("an engine that hangs", () => {
  it("is ended and started again when it answers no more", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    await freeze(before);
    expect((await renewed(rig, before)).crashes).toBe(1);
  });

  it("is found at once when a connection breaks", async () => {
    const rig = await openRig({ timings: { probeEveryMs: 60_000 } });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    await freeze(before);
    (await lease(rig)).suspect("connection_lost");
    expect((await renewed(rig, before)).crashes).toBe(1);
  });

  it("is found when those who wait for it leave, each of them sooner than engine_stall_s", async () => {
    const rig = await openRig({
      config: { engine_stall_s: 1 },
      timings: { probeEveryMs: 60_000, suspicionMs: 0 },
    });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    await freeze(before);
    for (let client = 0; client < 3; client++) (await lease(rig)).release();
    const after = await renewed(rig, before);
    expect(after.crashes).toBe(1);
    expect(slots.logs(ports[0], 2000).filter((line) => line.startsWith("Starting"))).toHaveLength(2);
  });

  it("is told from one that works, by the work", async () => {
    const rig = await openRig({
      config: { engine_stall_s: 1 },
      timings: { probeEveryMs: 60_000, suspicionMs: 0 },
    });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    for (let client = 0; client < 3; client++) (await lease(rig)).release();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
  });

  it("is found when a request makes no progress for engine_stall_s", async () => {
    const rig = await openRig({
      config: { engine_stall_s: 1 },
      timings: { maxSilentProbes: 1000 },
    });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    await lease(rig);
    const after = await renewed(rig, before);
    expect(after.crashes).toBe(1);
    expect(slots.logs(ports[0], 2000).filter((line) => line.startsWith("Starting"))).toHaveLength(2);
  });

  it("is not seen where the engine computes, though it shows nothing", async () => {
    const rig = await openRig({ config: { engine_stall_s: 1 }, timings: { maxSilentProbes: 1000 } });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    const silent = await lease(rig);
    const endMs = performance.now() + 4_000;
    // Nobody tells the supervisor of these.
    while (performance.now() < endMs) await (await stream(silent)).body.dump();
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
    silent.release();
  });

  it("is not seen where any request moves, or where only the client is slow", async () => {
    const rig = await openRig({ config: { engine_stall_s: 1 } });
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], text);
    const [moving, quiet, slow] = [await lease(rig), await lease(rig), await lease(rig)];
    for (let tenth = 0; tenth < 18; tenth++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      moving.progressed();
      slow.held();
    }
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
    for (const turn of [moving, quiet]) turn.release();
    for (let tenth = 0; tenth < 18; tenth++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      slow.held();
    }
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
  });

  it("is well when a connection broke for another reason", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const turn = await lease(rig);
    turn.suspect("connection_lost");
    turn.release();
    // Granted as soon as the engine has shown that it is there.
    (await lease(rig)).release();
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
  });
});
