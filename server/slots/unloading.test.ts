import { describe, expect, it } from "vitest";
import { answerOf, lease, openRig, refusal, text } from "./test-support/open-rig.ts";

describe("unloading and restarting", () => {
  it("lets running requests finish first", async () => {
    const rig = await openRig();
    const { slots, ports, config } = rig;
    await slots.load(ports[0], text);
    const running = await lease(rig);
    const unloaded = slots.unload(ports[0]);
    await rig.until(ports[0], "draining");
    expect((await refusal(lease(rig))).code).toBe("engine_unavailable");
    expect(await answerOf(running)).toContain("hello");
    running.release();
    expect(await unloaded).toMatchObject({ status: "empty", modelName: null, pid: null });
    expect(config.current.slots[ports[0]]).toBeNull();
    expect(slots.models().find(({ id }) => id === "tiny-text")?.status).toBe("loadable");
  });

  it("does not wait longer than drain_s", async () => {
    const rig = await openRig({ config: { drain_s: 1 } });
    const { slots, ports } = rig;
    await slots.load(ports[0], text);
    await lease(rig);
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
  });

  it("sends those who wait away at once, before the running request has ended", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease(rig);
    const waiting = [refusal(lease(rig)), refusal(lease(rig))];
    const unloaded = slots.unload(ports[0]);
    for (const { code, message } of await Promise.all(waiting))
      expect([code, message]).toEqual(["engine_unavailable", "The model 'tiny-text' was unloaded."]);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "draining", inFlight: 1, queued: 0 });
    running.release();
    expect(await unloaded).toMatchObject({ status: "empty" });
  });

  it("leaves those who wait to another slot that runs the model, as long as there is one", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    for (const port of [ports[0], ports[1]]) await slots.load(port, { ...text, parallel: 1 });
    const [first, second] = [await lease(rig), await lease(rig)];
    const [waiting, last] = [lease(rig), refusal(lease(rig))];
    const unloaded = slots.unload(ports[0]);
    first.release();
    expect((await unloaded).status).toBe("empty");
    expect((await slots.snapshot())[1]).toMatchObject({ status: "ready", inFlight: 1, queued: 2 });
    second.release();
    const turn = await waiting;
    expect([first.port, second.port, turn.port]).toEqual([ports[0], ports[1], ports[1]]);
    const alsoUnloaded = slots.unload(ports[1]);
    expect((await last).message).toBe("The model 'tiny-text' was unloaded.");
    turn.release();
    await alsoUnloaded;
  });

  it("gives a load up", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const load = refusal(slots.load(ports[0], text));
    await rig.until(ports[0], "starting");
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
    expect((await load).status).toBe(409);
  });

  it("restarts with a new process and another key, and keeps those who wait", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease(rig);
    const waiting = lease(rig);
    const restarted = slots.restart(ports[0]);
    await rig.until(ports[0], "draining");
    running.release();
    expect((await restarted).pid).not.toBe(before.pid);
    const next = await waiting;
    expect(next.engine.headers).not.toEqual(running.engine.headers);
    next.release();
    expect((await refusal(slots.restart(ports[1]))).status).toBe(409);
  });

  it("is idempotent where a slot is empty", async () => {
    const { slots, ports } = await openRig();
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
  });
});
