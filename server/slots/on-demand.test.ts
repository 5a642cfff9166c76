import { describe, expect, it } from "vitest";
import { wrapEngine } from "./test-support/engine-trouble.ts";
import { ask, embed, lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import { eventually, type Rig } from "./test-support/rig.ts";

const think = { model_path: "tiny-think.gguf" };

/** The models in the slots, by port, and null for empty ones. */
async function shown({ slots }: Rig): Promise<(string | null)[]> {
  return (await slots.snapshot()).map(({ status, modelName }) => (status === "empty" ? null : modelName));
}

/** How often engines were started in a slot. */
const starts = ({ slots, ports }: Rig) =>
  ports.map((port) => slots.logs(port, 10_000).filter((line) => line.includes("Starting ")).length);

/** Slots whose models on the disk are known. */
async function openKnown(options?: Parameters<typeof openRig>[0]): Promise<Rig> {
  const rig = await openRig(options);
  await rig.slots.localModels();
  return rig;
}

const waitingClient = (extra: object = {}) => ({
  keyId: 1,
  priority: 0,
  signal: new AbortController().signal,
  ...extra,
});

describe("a model that is only on the disk", () => {
  it("is loaded once for all who ask, and the operator's wishes stay as they are", async () => {
    const rig = await openKnown();
    const before = rig.config.current;
    const answers = await Promise.all([ask(rig), ask(rig), ask(rig)]);
    for (const answer of answers) expect(answer).toContain("hello from the tiny test model");
    expect(starts(rig)).toEqual([1, 0, 0]);
    expect(rig.config.current).toBe(before);
    const turn = rig.slots.lease("tiny-text", waitingClient());
    if (turn instanceof Promise) throw new Error("A ready model keeps nobody waiting.");
    turn.release();
  });

  it("goes where the operator has no wish, so that the model of his wish finds its place again", async () => {
    const rig = await openKnown({
      wishes: ([first = 0]) => ({ [first]: think }),
      config: { models: { "tiny-think": { idle_unload_s: 1 } } },
    });
    await rig.until(rig.ports[0], "ready");
    await rig.until(rig.ports[0], "empty");
    // Where a request leaves the choice, this is the first one that it finds.
    expect(rig.slots.models()[0]).toMatchObject({ id: "tiny-think", status: "loadable" });
    await ask(rig);
    expect(await shown(rig)).toEqual([null, "tiny-text", null]);
    await ask(rig, "tiny-think");
    expect(await shown(rig)).toEqual(["tiny-think", "tiny-text", null]);
  });

  it("in the slot of a wish leaves the wish there when an operator unloads it", async () => {
    const rig = await openKnown({
      wishes: ([first = 0]) => ({ [first]: think }),
      config: { models: { "tiny-think": { idle_unload_s: 1 } } },
    });
    const [first = 0] = rig.ports;
    await rig.until(first, "ready");
    await rig.until(first, "empty");
    for (const id of ["tiny-text", "tiny-embed", "tiny-rerank"]) await ask(rig, id);
    expect((await shown(rig))[0]).toBe("tiny-rerank");
    await rig.slots.unload(first);
    expect(rig.config.current.slots[first]).toEqual(think);
  });

  it("is not loaded where that is switched off, nor is what is not here", async () => {
    const rig = await openKnown({ config: { auto_load: { enabled: false } } });
    expect((await refusal(lease(rig))).message).toMatch(/is not loaded/);
    expect((await refusal(lease(rig, "absent"))).code).toBe("model_not_found");
    expect(await shown(rig)).toEqual([null, null, null]);
  });

  it("is loaded to the end when nobody waits any more, once its start is under way", async () => {
    const rig = await openKnown();
    const client = new AbortController();
    const left = refusal(
      Promise.resolve(rig.slots.lease("tiny-text", waitingClient({ signal: client.signal }))),
    );
    await rig.until(rig.ports[0], "starting");
    client.abort();
    expect((await left).code).toBe("client_closed");
    await rig.until(rig.ports[0], "ready");
  });

  it("tells those who wait when it is expected, as earlier loads took", async () => {
    const rig = await openKnown({ helpers: { learnedLoadMs: async () => 20_000 } });
    const told: [number, number | null, boolean][] = [];
    const onQueued = (place: number, expectedMs: number | null, isLoading: boolean) =>
      told.push([place, expectedMs, isLoading]);
    (await rig.slots.lease("tiny-text", waitingClient({ onQueued }))).release();
    expect(told[0]).toEqual([1, null, true]);
    const expectedMs = told.at(-1)?.[1] ?? 0;
    expect(expectedMs).toBeGreaterThan(15_000);
    expect(expectedMs).toBeLessThanOrEqual(20_000);
  });

  it("may take longer to load than requests may wait in line", async () => {
    const rig = await openKnown({ config: { queue: { deadline_s: 1 }, load_timeout_s: 20 } });
    await wrapEngine(rig, "sleep 1.6");
    const turn = await lease(rig);
    expect(turn.queuedMs).toBeGreaterThan(1_500);
    turn.release();
  });

  it("keeps nobody for longer than a load may take", async () => {
    const rig = await openKnown({ config: { load_timeout_s: 1 } });
    await wrapEngine(rig, "sleep 30");
    expect((await refusal(lease(rig))).code).toBe("engine_unavailable");
  });
});

describe("a load that fails", () => {
  it("is told to admins in the engine's words, to clients in plain ones, and not tried again at once", async () => {
    const rig = await openKnown();
    await wrapEngine(rig, "echo the device is gone >&2; exit 7");
    const [client, admin] = await Promise.all([
      refusal(lease(rig)),
      refusal(Promise.resolve(rig.slots.lease("tiny-text", waitingClient({ isAdmin: true })))),
    ]);
    expect([client.status, client.options.retryAfterS]).toEqual([503, 30]);
    expect(client.message).not.toMatch(/exit code|device/);
    expect(admin.message).toMatch(/exit code 7.*the device is gone/s);
    for (let request = 0; request < 20; request++) await refusal(lease(rig).then());
    expect(starts(rig)).toEqual([1, 0, 0]);
    const [failed] = await rig.slots.snapshot();
    expect(failed).toMatchObject({ status: "failed", crashes: 1 });
  });

  it("leaves its slot to others", async () => {
    const rig = await openKnown();
    const { slots, ports, environment } = rig;
    const { llamaServer } = environment;
    await Promise.all([slots.load(ports[1], embed), slots.load(ports[2], embed)]);
    await wrapEngine(rig, "exit 7");
    await refusal(lease(rig));
    environment.llamaServer = llamaServer;
    expect(await ask(rig, "tiny-think")).toContain("hello");
    expect(await shown(rig)).toEqual(["tiny-think", "tiny-embed", "tiny-embed"]);
  });

  it("is tried again when the configuration was changed", async () => {
    const rig = await openKnown();
    const { llamaServer } = rig.environment;
    await wrapEngine(rig, "exit 7");
    await refusal(lease(rig));
    rig.environment.llamaServer = llamaServer;
    await refusal(lease(rig));
    await rig.config.patch({ models: { "tiny-text": { threads: 1 } } });
    expect(await ask(rig)).toContain("hello");
  });
});

describe("a full house", () => {
  const evict = { auto_load: { evict: true } };
  const full = (rig: Rig) =>
    Promise.all([
      rig.slots.load(rig.ports[0], embed),
      rig.slots.load(rig.ports[1], { model_path: "tiny-rerank.gguf" }),
      rig.slots.load(rig.ports[2], think),
    ]);

  it("has no room where nothing may be evicted", async () => {
    const rig = await openKnown();
    await full(rig);
    expect((await refusal(lease(rig))).message).toMatch(/no room/);
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-rerank", "tiny-think"]);
  });

  it("loses the model that was not used for longest, which no request notices, and no wish", async () => {
    const rig = await openKnown({ config: evict });
    await full(rig);
    const wishes = rig.config.current.slots;
    const busy = await lease(rig, "tiny-embed");
    for (const model of ["tiny-rerank", "tiny-think"]) (await lease(rig, model)).release();
    expect(await ask(rig)).toContain("hello");
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-text", "tiny-think"]);
    expect(rig.config.current.slots).toBe(wishes);
    busy.release();
  });

  it("keeps what is pinned, and waits until something else is idle", async () => {
    const models = { "tiny-embed": { pinned: true } };
    const rig = await openKnown({ config: { ...evict, models } });
    await full(rig);
    const [rerank, thinking] = [await lease(rig, "tiny-rerank"), await lease(rig, "tiny-think")];
    const asked = ask(rig);
    await eventually(
      "it is waited for",
      () => rig.slots.queue().lines.some(({ waiting }) => waiting) || undefined,
    );
    thinking.release();
    expect(await asked).toContain("hello");
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-rerank", "tiny-text"]);
    rerank.release();
  });

  it("stays as it is when everything is busy for too long", async () => {
    const rig = await openKnown({ config: { ...evict, queue: { deadline_s: 1 } } });
    await full(rig);
    const turns = await Promise.all(["tiny-embed", "tiny-rerank", "tiny-think"].map((id) => lease(rig, id)));
    expect((await refusal(lease(rig))).message).toMatch(/no room/);
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-rerank", "tiny-think"]);
    for (const turn of turns) turn.release();
  });
});

describe("a lack of memory", () => {
  const shortage = (needed: number) => async (_: unknown, unloaded: readonly number[]) =>
    unloaded.length >= needed ? null : "It needs 9 GB, and 3 GB are free.";

  it("is met by as many models as it takes, those first that were not used for longest", async () => {
    const rig = await openKnown({
      config: { auto_load: { evict: true } },
      helpers: { shortage: shortage(1) },
    });
    const { slots, ports } = rig;
    await slots.load(ports[1], embed);
    await slots.load(ports[2], think);
    (await lease(rig, "tiny-embed")).release();
    await ask(rig);
    expect(await shown(rig)).toEqual(["tiny-text", "tiny-embed", null]);
  });

  it("is a refusal where nothing helps: with figures for admins alone", async () => {
    const rig = await openKnown({ helpers: { shortage: shortage(1) } });
    const asAdmin = Promise.resolve(rig.slots.lease("tiny-text", waitingClient({ isAdmin: true })));
    expect((await refusal(asAdmin)).message).toContain("9 GB");
    expect((await refusal(lease(rig))).message).not.toContain("GB");
  });
});

describe("a model that nobody uses", () => {
  it("is unloaded after a time, its wish stays, and a request loads it as it was wished", async () => {
    const wish = { ...text, ctx_size: 256, mmproj_path: "tiny-mmproj-omni.gguf" };
    const rig = await openKnown({
      wishes: ([first = 0]) => ({ [first]: wish }),
      config: { idle_unload_s: 1 },
    });
    const { slots, ports, config } = rig;
    await rig.until(ports[0], "ready");
    await rig.until(ports[0], "empty");
    expect(config.current.slots[ports[0]]).toEqual(wish);
    // It is still known what it can do.
    expect(slots.models().find(({ id }) => id === "tiny-text")).toMatchObject({
      status: "loadable",
      type: "omni",
      contextLength: 256,
    });
    (await lease(rig)).release();
    expect((await slots.snapshot())[0]).toMatchObject({ status: "ready", ctxSize: 256, modelType: "omni" });
  });

  it("stays where it is pinned, has a time of its own, or works", async () => {
    const models = { "tiny-embed": { pinned: true }, "tiny-think": { idle_unload_s: 0 } };
    const rig = await openKnown({ config: { idle_unload_s: 1, models } });
    const { slots, ports } = rig;
    await Promise.all([slots.load(ports[0], embed), slots.load(ports[1], think), slots.load(ports[2], text)]);
    const turn = await lease(rig);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-think", "tiny-text"]);
    turn.release();
  });
});
