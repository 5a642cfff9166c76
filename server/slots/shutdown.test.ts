import { describe, expect, it } from "vitest";
import { stream, wrapEngine } from "./test-support/engine-trouble.ts";
import { lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

describe("the end", () => {
  it("waits for running requests, refuses new ones, and leaves nothing", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const { pid } = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease(rig);
    const waiting = lease(rig);
    const ended = slots.shutdown(5_000);
    expect((await refusal(lease(rig))).code).toBe("draining");
    running.release();
    (await waiting).release();
    await ended;
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
  });

  it("comes in time when an engine is busy and does not listen", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const { pid } = await slots.load(ports[0], { ...text, ctx_size: 8192 });
    const { body } = await stream(await lease(rig));
    const read = body.text().catch(() => "cut");
    const waiting = Promise.all([lease(rig), lease(rig), lease(rig)]);
    await waiting;
    const startedMs = performance.now();
    await slots.shutdown(2_500);
    expect(performance.now() - startedMs).toBeLessThan(3_500);
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
    await read;
  });

  it("comes at once while a model is loading", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    await wrapEngine(rig, "sleep 60");
    const load = refusal(slots.load(ports[0], text));
    const { pid } = await eventually("it has a process", async () =>
      (await slots.snapshot()).find((one) => one.pid),
    );
    await slots.shutdown(5_000);
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
    expect((await load).code).toBe("draining");
  });
});
