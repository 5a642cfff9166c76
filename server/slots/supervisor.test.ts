import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isGatewayError } from "../../lib/errors.ts";
import type { Lease } from "../../lib/slots/types.ts";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { createRig, eventually, type Rig, type RigOptions } from "./test-support/rig.ts";

let rig: Rig;

afterEach(() => rig.end());

const text = { model_path: "tiny-text.gguf" };

async function open(options?: RigOptions): Promise<Rig> {
  rig = await createRig(options);
  return rig;
}

async function refusal(attempt: Promise<unknown>) {
  const error = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isGatewayError(error)) throw new Error(`No refusal, but ${error}`);
  return error;
}

async function lease(modelId: string): Promise<Lease> {
  return rig.slots.lease(modelId, { signal: new AbortController().signal });
}

async function ask(modelId: string): Promise<string> {
  const turn = await lease(modelId);
  const answer = await answerOf(turn);
  turn.release();
  return answer;
}

async function answerOf(turn: Lease): Promise<string> {
  const body = JSON.stringify({ messages: [{ role: "user", content: "hello" }], temperature: 0 });
  const { pool, pathPrefix, headers } = turn.engine;
  const answer = await pool.request({
    method: "POST",
    path: `${pathPrefix}/chat/completions`,
    headers,
    body,
  });
  return answer.body.text();
}

describe("loading", () => {
  it("runs a model, shows it, and answers through a lease", async () => {
    const { slots, ports, config } = await open();
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
    expect(await ask("tiny-text")).toContain("hello from the tiny test model");
    expect(slots.logs(ports[0], 100).join("\n")).toContain("model loaded");
    expect(slots.models()[0]).toMatchObject({ id: "tiny-text", status: "ready", contextLength: 512 });
    expect(slots.readyCount()).toBe(1);
  });

  it("does not wait for the engine when told so, but refuses at once what it would refuse", async () => {
    const { slots, ports } = await open();
    expect(await slots.load(ports[0], text, { wait: false })).toMatchObject({ status: "starting" });
    expect((await refusal(slots.load(ports[0], text, { wait: false }))).status).toBe(409);
    const absent = slots.load(ports[1], { model_path: "absent.gguf" }, { wait: false });
    expect((await refusal(absent)).status).toBe(400);
    await eventually("the engine is ready", async () => slots.readyCount() === 1 || undefined);
  });

  it("runs encoders with vectors and scores, and a model with eyes", async () => {
    const { slots, ports } = await open();
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
    const { slots, ports } = await open();
    const snapshot = await slots.load(ports[0], {
      ...text,
      model_type: "vision-embedding",
      mmproj_path: "tiny-mmproj-vision.gguf",
    });
    expect(snapshot).toMatchObject({ modelType: "vision-embedding", capabilities: ["embedding", "image"] });
    expect(snapshot.warnings.join()).toMatch(/'mean' is used/);
  });

  it("shows the engine no more of the environment than it needs, and nobody its key", async () => {
    const { slots, ports, dataDir } = await open();
    const { pid } = await slots.load(ports[0], text);
    const turn = await lease("tiny-text");
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

  it("refuses what cannot be run, and leaves the slot as it was", async () => {
    const { slots, ports, config } = await open();
    for (const [request, status] of [
      [{ model_path: "../../etc/passwd" }, 400],
      [{ model_path: "missing.gguf" }, 400],
      [{ model_path: "tiny-mmproj-vision.gguf" }, 422],
      [{ ...text, mmproj_path: "tiny-embed.gguf" }, 400],
      [{ ...text, mmproj_path: "../x.gguf" }, 400],
    ] as const)
      expect((await refusal(slots.load(ports[0], request))).status, JSON.stringify(request)).toBe(status);
    expect((await refusal(slots.load(1, text))).status).toBe(404);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "empty", error: null });
    expect(config.current.slots[ports[0]]).toBeNull();
  });

  it("refuses a slot that is busy", async () => {
    const { slots, ports } = await open();
    const first = slots.load(ports[0], text);
    await rig.until(ports[0], "starting");
    expect((await refusal(slots.load(ports[0], text))).status).toBe(409);
    await first;
    expect((await refusal(slots.load(ports[0], text))).status).toBe(409);
  });

  it("shows the engine's last lines when it cannot load a file, and takes another one then", async () => {
    const { slots, ports, dataDir } = await open();
    const broken = path.join(dataDir, "models", "broken.gguf");
    await copyFile((await tinyModels()).text, broken);
    // The header stays whole: only the engine notices that the last weights end early.
    const { size } = await stat(broken);
    await truncate(broken, size - 64);
    const error = await refusal(slots.load(ports[0], { model_path: "broken.gguf" }));
    expect(error.status).toBe(422);
    expect(error.message).toMatch(/exit code 1/);
    expect(error.message).toMatch(/failed to load model/);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "failed", error: error.message });
    expect(await slots.load(ports[0], text)).toMatchObject({ status: "ready", error: null });
  });

  it("names a stranger on the port", async () => {
    const { slots, ports } = await open();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(ports[1], "0.0.0.0", () => resolve()));
    const error = await refusal(slots.load(ports[1], text));
    await new Promise((resolve) => stranger.close(resolve));
    expect(error.status).toBe(409);
    expect(error.message).toContain(`Port ${ports[1]} is taken by PID ${process.pid} (`);
    expect((await slots.snapshot())[1]).toMatchObject({ status: "failed", pid: null });
  });

  it("gives up after load_timeout_s", async () => {
    const { slots, ports, environment } = await open({ config: { load_timeout_s: 1 } });
    // A server that listens and never gets ready.
    const sleeper = path.join(rig.dataDir, "sleeper");
    await writeFile(
      sleeper,
      '#!/bin/sh\n[ "$1" = --help ] && exec "$REAL" --help\nexec sleep 60\n'.replace(
        "$REAL",
        environment.llamaServer ?? "",
      ),
      { mode: 0o755 },
    );
    environment.llamaServer = sleeper;
    const error = await refusal(slots.load(ports[0], text));
    expect(error.message).toMatch(/not ready within 1 s/);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "failed", pid: null });
  });

  it("says what to do when there is no llama-server", async () => {
    const { slots, ports, environment } = await open();
    environment.llamaServer = path.join(rig.dataDir, "nothing");
    expect((await refusal(slots.load(ports[0], text))).message).toContain("npm run doctor");
  });
});

describe("unloading and restarting", () => {
  it("lets running requests finish first", async () => {
    const { slots, ports, config } = await open();
    await slots.load(ports[0], text);
    const running = await lease("tiny-text");
    const unloaded = slots.unload(ports[0]);
    await rig.until(ports[0], "draining");
    expect((await refusal(lease("tiny-text"))).code).toBe("engine_unavailable");
    expect(await answerOf(running)).toContain("hello");
    running.release();
    expect(await unloaded).toMatchObject({ status: "empty", modelName: null, pid: null });
    expect(config.current.slots[ports[0]]).toBeNull();
    expect(slots.models().find(({ id }) => id === "tiny-text")?.status).toBe("loadable");
  });

  it("does not wait longer than drain_s", async () => {
    const { slots, ports } = await open({ config: { drain_s: 1 } });
    await slots.load(ports[0], text);
    await lease("tiny-text");
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
  });

  it("gives a load up", async () => {
    const { slots, ports } = await open();
    const load = refusal(slots.load(ports[0], text));
    await rig.until(ports[0], "starting");
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
    expect((await load).status).toBe(409);
  });

  it("restarts with a new process and another key, and keeps those who wait", async () => {
    const { slots, ports } = await open();
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease("tiny-text");
    const waiting = lease("tiny-text");
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
    const { slots, ports } = await open();
    expect(await slots.unload(ports[0])).toMatchObject({ status: "empty" });
  });
});

describe("a remote", () => {
  /** A server that lists one model, and can be switched off and on. */
  async function remote(): Promise<{ port: number; server: Server }> {
    const server = createHttpServer((request, response) => {
      response.writeHead(request.url === "/v1/models" ? 200 : 404).end('{"data":[{"id":"big"}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const address = server.address();
    return { server, port: typeof address === "object" && address ? address.port : 0 };
  }

  function close(server: Server): Promise<unknown> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  }

  it("is run beside local models, gives up while it is away, and comes back", async () => {
    const { slots, ports } = await open({ timings: { probeEveryMs: 20 } });
    const { server, port } = await remote();
    const request = { remote: { base_url: `http://127.0.0.1:${port}/v1`, model: "big" } };
    expect(await slots.load(ports[0], request)).toMatchObject({
      status: "ready",
      modelName: "big",
      pid: null,
      parallel: null,
    });
    const turns = await Promise.all(Array.from({ length: 300 }, () => lease("big")));
    expect((await slots.snapshot())[0]).toMatchObject({ inFlight: 300, queued: 0 });
    for (const turn of turns) turn.release();
    await close(server);
    const crashed = await rig.until(ports[0], "crashed");
    expect(crashed.error).toMatch(/does not answer/);
    server.listen(port, "127.0.0.1");
    await rig.until(ports[0], "ready");
    await close(server);
  });

  it("that is not there when an operator loads it is an error, and in the configuration is waited for", async () => {
    const { slots, ports, config } = await open();
    const { server, port } = await remote();
    await close(server);
    const request = { remote: { base_url: `http://127.0.0.1:${port}/v1`, model: "big" } };
    const error = await refusal(slots.load(ports[0], request));
    expect([error.status, error.message]).toEqual([422, expect.stringMatching(/ECONNREFUSED/)]);
    await config.setSlot(ports[1], request);
    await eventually("it was tried more often than an engine of ours", async () => {
      const [, second] = await slots.snapshot();
      return second && second.crashes > second.maxCrashes ? true : undefined;
    });
    server.listen(port, "127.0.0.1");
    await rig.until(ports[1], "ready");
    await close(server);
  });
});

describe("the configuration", () => {
  it("is restored at the start, and knows its models at once", async () => {
    const { slots, ports } = await open({
      wishes: ([first = 0, second = 0]) => ({ [first]: text, [second]: { model_path: "tiny-embed.gguf" } }),
    });
    expect(slots.models().slice(0, 2)).toMatchObject([
      { id: "tiny-text", status: "starting" },
      { id: "tiny-embed", status: "starting" },
    ]);
    expect(await ask("tiny-text")).toContain("hello");
    await rig.until(ports[1], "ready");
    await rig.restart();
    await Promise.all([rig.until(ports[0], "ready"), rig.until(ports[1], "ready")]);
  });

  it("is followed when it is edited by hand", async () => {
    const { ports, config } = await open();
    const wish = (request: object | null) =>
      config.patch({ slots: { ...config.current.slots, [ports[0]]: request } });
    await wish(text);
    const first = await rig.until(ports[0], "ready");
    await config.patch({ log_level: "debug" });
    expect((await rig.until(ports[0], "ready")).pid).toBe(first.pid);
    await wish({ ...text, ctx_size: 1024 });
    const second = await eventually("another engine", async () => {
      const snapshot = await rig.until(ports[0], "ready");
      return snapshot.pid === first.pid ? undefined : snapshot;
    });
    expect(second.ctxSize).toBe(1024);
    await wish(null);
    await rig.until(ports[0], "empty");
  });

  it("lists models that lie in further folders", async () => {
    const { slots, config, dataDir } = await open();
    const further = path.join(dataDir, "further");
    await mkdir(further);
    await copyFile((await tinyModels()).text, path.join(further, "more.gguf"));
    await config.patch({ model_folders: [further] });
    expect((await slots.localModels()).map(({ id }) => id)).toContain("more");
    expect(slots.models().map(({ id, status }) => [id, status])).toContainEqual(["more", "loadable"]);
    expect(slots.models()).toBe(slots.models());
  });
});
