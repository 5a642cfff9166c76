import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isGatewayError } from "../../lib/errors.ts";
import type { Lease, SlotSnapshot } from "../../lib/slots/types.ts";
import { processStart } from "../../scripts/prepare/process-identity.mjs";
import { createRig, eventually, type Rig, type RigOptions } from "./test-support/rig.ts";

let rig: Rig;

afterEach(() => rig.end());

const text = { model_path: "tiny-text.gguf" };
const embed = { model_path: "tiny-embed.gguf" };

async function open(options?: RigOptions): Promise<Rig> {
  rig = await createRig(options);
  return rig;
}

async function lease(modelId = "tiny-text", signal = new AbortController().signal): Promise<Lease> {
  return rig.slots.lease(modelId, { signal });
}

function kill({ pid }: SlotSnapshot, signal: NodeJS.Signals): void {
  if (pid === null) throw new Error("There is no process.");
  process.kill(pid, signal);
}

/** Stops an engine without ending it, with all its threads. */
async function freeze(snapshot: SlotSnapshot): Promise<void> {
  kill(snapshot, "SIGSTOP");
  const tasks = `/proc/${snapshot.pid}/task`;
  const isStopped = async (thread: string) =>
    /^State:\s+T/m.test(await readFile(`${tasks}/${thread}/status`, "utf8"));
  await eventually("every thread is stopped", async () => {
    const stopped = await Promise.all((await readdir(tasks)).map(isStopped));
    return stopped.every(Boolean) || undefined;
  });
}

/** The same slot, ready with another process. */
function renewed(before: SlotSnapshot): Promise<SlotSnapshot> {
  return eventually("the engine is started again", async () => {
    const [snapshot] = (await rig.slots.snapshot()).filter(({ port }) => port === before.port);
    return snapshot?.status === "ready" && snapshot.pid !== before.pid ? snapshot : undefined;
  });
}

/** A stream that goes on until the context is full. */
function stream({ engine }: Lease) {
  const body = JSON.stringify({ stream: true, messages: [{ role: "user", content: "one two three" }] });
  return engine.pool.request({ method: "POST", path: "/v1/chat/completions", headers: engine.headers, body });
}

/** Makes the engine fail as the machine would: a program in front of llama-server decides. */
async function wrapEngine(script: string): Promise<void> {
  const wrapper = path.join(rig.dataDir, "wrapper");
  const real = rig.environment.llamaServer ?? "";
  await writeFile(
    wrapper,
    `#!/bin/sh\n[ "$1" = --help ] && exec '${real}' --help\n${script}\nexec '${real}' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  rig.environment.llamaServer = wrapper;
}

describe("a crash", () => {
  it("is followed by a new start, and concerns no other slot", async () => {
    const { slots, ports } = await open();
    const [first, second] = await Promise.all([slots.load(ports[0], text), slots.load(ports[1], embed)]);
    const interrupted = stream(await lease()).then(({ body }) => body.text());
    kill(first, "SIGKILL");
    await expect(interrupted).rejects.toThrow();
    await rig.until(ports[0], "crashed");
    const after = await renewed(first);
    expect(after).toMatchObject({ crashes: 1, error: null, inFlight: 0 });
    expect((await slots.snapshot())[1]).toMatchObject({ status: "ready", pid: second.pid, crashes: 0 });
    (await lease()).release();
  });

  it("refuses new requests until the restart, and keeps those who wait in line", async () => {
    const { slots, ports } = await open({
      timings: { restart: { maxCrashes: 3, firstBackoffMs: 500, maxBackoffMs: 500, healthyAfterMs: 60_000 } },
    });
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease();
    const waiting = lease();
    kill(before, "SIGKILL");
    await rig.until(ports[0], "crashed");
    const error = await lease().catch((caught: unknown) => caught);
    if (!isGatewayError(error)) throw new Error("It was not refused.");
    expect([error.code, error.options.retryAfterS]).toEqual(["engine_unavailable", 1]);
    running.release();
    const turn = await waiting;
    expect(turn.engine).not.toBe(running.engine);
    expect((await slots.snapshot())[0]).toMatchObject({ inFlight: 1, queued: 0 });
    turn.release();
  });

  it("leaves the slot `failed` when it comes again and again, with the engine's words", async () => {
    const { slots, ports } = await open();
    await slots.load(ports[0], text);
    await wrapEngine("echo the device is gone >&2; exit 7");
    const waiting = lease("tiny-text");
    (await waiting).release();
    kill(await rig.until(ports[0], "ready"), "SIGKILL");
    const failed = await rig.until(ports[0], "failed");
    expect(failed).toMatchObject({ crashes: 3, maxCrashes: 3, pid: null });
    expect(failed.error).toMatch(/exit code 7/);
    expect(failed.error).toMatch(/the device is gone/);
    expect((await lease().catch((error) => error)).code).toBe("engine_unavailable");
    expect(slots.models().find(({ id }) => id === "tiny-text")?.status).toBe("failed");
  });

  it("while loading is followed by a new start, and the load succeeds", async () => {
    const { slots, ports } = await open();
    // Each first attempt takes long enough to be hit.
    await wrapEngine(`[ -e '${rig.dataDir}/again' ] || { touch '${rig.dataDir}/again'; sleep 30; }`);
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
    const { slots, ports } = await open();
    await wrapEngine(`sleep 300 & echo $! > '${rig.dataDir}/child'`);
    const before = await slots.load(ports[0], text);
    const child = Number(await readFile(path.join(rig.dataDir, "child"), "utf8"));
    expect(processStart(child)).not.toBeNull();
    kill(before, "SIGKILL");
    await renewed(before);
    await eventually("the child is gone", () => processStart(child) === null || undefined);
  });
});

describe("a stranger that takes the port at the last moment", () => {
  it.each([
    ["answers everything", 'response.end(JSON.stringify({ data: [{ id: "tiny-text" }] }))'],
    [
      "refuses everything but says that it is well",
      'response.writeHead(request.url === "/health" ? 200 : 401).end()',
    ],
  ])("and %s is not taken for the engine", async (_what, answer) => {
    const { slots, ports } = await open();
    const stranger = `require("node:http").createServer((request, response) => { ${answer} }).listen(${ports[0]}, "127.0.0.1")`;
    await writeFile(path.join(rig.dataDir, "stranger.cjs"), stranger);
    await wrapEngine(`exec '${process.execPath}' '${rig.dataDir}/stranger.cjs'`);
    const error = await slots.load(ports[0], text).catch((caught: unknown) => caught);
    if (!isGatewayError(error)) throw new Error("It was taken for the engine.");
    expect([error.status, error.message]).toEqual([
      409,
      expect.stringContaining(`Port ${ports[0]} is taken`),
    ]);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "failed", pid: null });
  });
});

describe("an engine that hangs", () => {
  it("is ended and started again when it answers no more", async () => {
    const { slots, ports } = await open();
    const before = await slots.load(ports[0], text);
    await freeze(before);
    expect((await renewed(before)).crashes).toBe(1);
  });

  it("is found at once when a connection breaks", async () => {
    const { slots, ports } = await open({ timings: { probeEveryMs: 60_000 } });
    const before = await slots.load(ports[0], text);
    await freeze(before);
    (await lease()).suspect("connection_lost");
    expect((await renewed(before)).crashes).toBe(1);
  });

  it("is found when it answers, but does no work", async () => {
    const { slots, ports } = await open({ timings: { probeEveryMs: 60_000, proofMs: 300 } });
    const before = await slots.load(ports[0], text);
    const turn = await lease();
    await freeze(before);
    turn.suspect("stalled");
    expect((await renewed(before)).crashes).toBe(1);
  });

  it("is found when a request makes no progress for engine_stall_s", async () => {
    const { slots, ports } = await open({
      config: { engine_stall_s: 1 },
      timings: { maxSilentProbes: 1000 },
    });
    const before = await slots.load(ports[0], text);
    await lease();
    const after = await renewed(before);
    expect(after.crashes).toBe(1);
    expect(slots.logs(ports[0], 2000).filter((line) => line.startsWith("Starting"))).toHaveLength(2);
  });

  it("is not seen where any request moves, or where only the client is slow", async () => {
    const { slots, ports } = await open({ config: { engine_stall_s: 1 } });
    const before = await slots.load(ports[0], text);
    const [moving, quiet, slow] = [await lease(), await lease(), await lease()];
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
    const { slots, ports } = await open();
    const before = await slots.load(ports[0], { ...text, parallel: 1 });
    const turn = await lease();
    turn.suspect("connection_lost");
    turn.release();
    // Granted as soon as the engine has shown that it is there.
    (await lease()).release();
    expect((await rig.until(ports[0], "ready")).pid).toBe(before.pid);
  });
});

describe("the end", () => {
  it("waits for running requests, refuses new ones, and leaves nothing", async () => {
    const { slots, ports } = await open();
    const { pid } = await slots.load(ports[0], { ...text, parallel: 1 });
    const running = await lease();
    const waiting = lease();
    const ended = slots.shutdown(5_000);
    expect((await lease().catch((error) => error)).code).toBe("draining");
    running.release();
    (await waiting).release();
    await ended;
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
  });

  it("comes in time when an engine is busy and does not listen", async () => {
    const { slots, ports } = await open();
    const { pid } = await slots.load(ports[0], { ...text, ctx_size: 8192 });
    const { body } = await stream(await lease());
    const read = body.text().catch(() => "cut");
    const waiting = Promise.all([lease(), lease(), lease()]);
    await waiting;
    const startedMs = performance.now();
    await slots.shutdown(2_500);
    expect(performance.now() - startedMs).toBeLessThan(3_500);
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
    await read;
  });

  it("comes at once while a model is loading", async () => {
    const { slots, ports } = await open();
    await wrapEngine("sleep 60");
    const load = slots.load(ports[0], text).catch((error) => error);
    const { pid } = await eventually("it has a process", async () =>
      (await slots.snapshot()).find((one) => one.pid),
    );
    await slots.shutdown(5_000);
    expect(() => process.kill(pid ?? 0, 0)).toThrow();
    expect((await load).code).toBe("draining");
  });
});

describe("a flag that the machine refuses", () => {
  it("is a warning, and the model runs", async () => {
    const { slots, ports } = await open();
    await wrapEngine("echo '0.00.014.405 W warning: failed to mlock 77824-byte buffer' >&2");
    const { status, warnings } = await slots.load(ports[0], text);
    expect([status, warnings.join()]).toEqual([
      "ready",
      expect.stringContaining("could not be locked in memory"),
    ]);
  });
});

describe("the log", () => {
  it("is kept in a file, too", async () => {
    const { slots, ports, dataDir } = await open();
    await slots.load(ports[0], text);
    await slots.shutdown(0);
    const file = path.join(dataDir, "logs", `slot-${ports[0]}.log`);
    expect(await readFile(file, "utf8")).toContain("model loaded");
  });
});
