import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { wrapEngine } from "./test-support/engine-trouble.ts";
import { ask, lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

describe("loading", () => {
  it("runs a model, shows it, and answers through a lease", async () => {
    const rig = await openRig();
    const { slots, ports, config } = rig;
    const snapshot = await slots.load(ports[0], text);
    expect(snapshot).toMatchObject({
      port: ports[0],
      status: "ready",
      modelName: "tiny-text",
      modelType: "text",
      capabilities: ["text"],
      ctxSize: 512,
      parallel: 4,
      threads: 1,
      inFlight: 0,
      queued: 0,
      crashes: 0,
      error: null,
    });
    expect(snapshot.pid).toBeGreaterThan(1);
    expect(snapshot.ramBytes).toBeGreaterThan(1e6);
    expect(snapshot.warnings.join()).toMatch(/stored as f16/);
    expect(config.current.slots[ports[0]]).toEqual(text);
    expect(await ask(rig)).toContain("hello from the tiny test model");
    expect(slots.logs(ports[0], 100).join("\n")).toContain("model loaded");
    expect(slots.models()[0]).toMatchObject({ id: "tiny-text", status: "ready", contextLength: 512 });
    expect(slots.readyCount()).toBe(1);
  });

  it("does not wait for the engine when told so, but refuses at once what it would refuse", async () => {
    const { slots, ports } = await openRig();
    expect(await slots.load(ports[0], text, { wait: false })).toMatchObject({ status: "starting" });
    expect((await refusal(slots.load(ports[0], text, { wait: false }))).status).toBe(409);
    const absent = slots.load(ports[1], { model_path: "absent.gguf" }, { wait: false });
    expect((await refusal(absent)).status).toBe(400);
    await eventually("the engine is ready", async () => slots.readyCount() === 1 || undefined);
  });

  it("gives each of those that name no slot one of its own, as long as there are any", async () => {
    const { slots, ports, config } = await openRig();
    const load = () => slots.load("any", text, { wait: false });
    const loaded = await Promise.all([load(), load(), load()]);
    expect(loaded.map(({ port }) => port).toSorted()).toEqual(ports);
    expect(ports.map((port) => config.current.slots[port])).toEqual([text, text, text]);
    const { status, message } = await refusal(load());
    expect([status, message]).toEqual([409, expect.stringContaining("No slot is empty.")]);
  });

  it("runs encoders with vectors and scores, and a model with eyes", async () => {
    const { slots, ports } = await openRig();
    const loaded = await Promise.all([
      slots.load(ports[0], { model_path: "tiny-embed.gguf" }),
      slots.load(ports[1], { model_path: "tiny-rerank.gguf" }),
      slots.load(ports[2], { ...text, mmproj_path: "tiny-mmproj-omni.gguf" }),
    ]);
    expect(loaded.map(({ modelType, capabilities }) => [modelType, capabilities])).toEqual([
      ["embedding", ["embedding"]],
      ["embedding", ["rerank"]],
      ["omni", ["text", "image", "audio"]],
    ]);
  });

  it("makes a text model give vectors of images, where it is asked to", async () => {
    const { slots, ports } = await openRig();
    const snapshot = await slots.load(ports[0], {
      ...text,
      model_type: "vision-embedding",
      mmproj_path: "tiny-mmproj-vision.gguf",
    });
    expect(snapshot).toMatchObject({ modelType: "vision-embedding", capabilities: ["embedding", "image"] });
    expect(snapshot.warnings.join()).toMatch(/'mean' is used/);
  });

  it("shows the engine no more of the environment than it needs, and nobody its key", async () => {
    const rig = await openRig();
    const { slots, ports, dataDir } = rig;
    const { pid } = await slots.load(ports[0], text);
    const turn = await lease(rig);
    turn.release();
    const key = turn.engine.headers[1]?.replace("Bearer ", "") ?? "";
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const [argv, variables] = await Promise.all(
      ["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
    );
    expect(argv).toContain("--api-key-file");
    expect(argv).not.toContain(key);
    const names = variables?.split("\0").map((line) => line.split("=")[0]) ?? [];
    const expected = Object.keys(rig.environment.engineVariables);
    // The stub that starts it is a shell, which sets its own.
    expect(names.filter((name) => name && !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)).sort()).toEqual(
      expected.sort(),
    );
    expect(await readdir(path.join(dataDir, "run"))).not.toContain(`slot-${ports[0]}.key`);
  });
});

describe("a flag that the machine refuses", () => {
  it("is a warning, and the model runs", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    await wrapEngine(rig, "echo '0.00.014.405 W warning: failed to mlock 77824-byte buffer' >&2");
    const { status, warnings } = await slots.load(ports[0], text);
    expect([status, warnings.join()]).toEqual([
      "ready",
      expect.stringContaining("could not be locked in memory"),
    ]);
  });
});

describe("the log", () => {
  it("is kept in a file, too", async () => {
    const { slots, ports, dataDir } = await openRig();
    await slots.load(ports[0], text);
    await slots.shutdown(0);
    const file = path.join(dataDir, "logs", `slot-${ports[0]}.log`);
    expect(await readFile(file, "utf8")).toContain("model loaded");
  });
});
