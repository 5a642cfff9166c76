/** Room for models that requests name: whose models make room, who may pass whom, and for whom nothing is loaded. */
import { describe, expect, it } from "vitest";
import type { LeaseOptions } from "../../lib/slots/types.ts";
import type { DemandHelpers } from "./on-demand/helpers.ts";
import { wrapEngine } from "./test-support/engine-trouble.ts";
import { ask, embed, lease, openRig, refusal, text } from "./test-support/open-rig.ts";
import { eventually, type Rig, type RigOptions } from "./test-support/rig.ts";

const think = { model_path: "tiny-think.gguf" };
const rerank = { model_path: "tiny-rerank.gguf" };
const evict = { auto_load: { evict: true } };

/** The models in the slots, by port, and null for empty ones. */
async function shown({ slots }: Rig): Promise<(string | null)[]> {
  return (await slots.snapshot()).map(({ status, modelName }) => (status === "empty" ? null : modelName));
}

/** Slots whose models on the disk are known. */
async function openKnown(options?: RigOptions): Promise<Rig> {
  const rig = await openRig(options);
  await rig.slots.localModels();
  return rig;
}

/** A turn for a user of its own. */
async function leaseFor(keyId: number, { slots }: Rig, id: string, extra: Partial<LeaseOptions> = {}) {
  return slots.lease(id, { keyId, priority: 0, signal: new AbortController().signal, ...extra });
}

const waitingFor = ({ slots }: Rig) =>
  slots.queue().lines.flatMap(({ model, ports }) => (ports.length === 0 ? model : []));

/** Memory of which each model takes so many parts of ten. */
function memoryOf(parts: Record<string, number>) {
  const house: { rig?: Rig } = {};
  const partsOf = (id: string | null) => parts[id ?? ""] ?? 0;
  const shortage: DemandHelpers["shortage"] = async (planned, unloaded, beside = []) => {
    const others = (await house.rig?.slots.snapshot())?.filter(({ port }) => !unloaded.includes(port)) ?? [];
    const ids = [...others.map((one) => one.modelName), ...[planned, ...beside].map(({ model }) => model.id)];
    const needed = ids.reduce((sum, id) => sum + partsOf(id), 0);
    return needed <= 10 ? null : `${needed} of 10 parts are needed.`;
  };
  const open = async (config: RigOptions["config"]) => {
    house.rig = await openKnown({ config, helpers: { shortage } });
    return house.rig;
  };
  return { open };
}

describe("without eviction", () => {
  it("what requests had loaded makes room for other requests, and the operator's models stay", async () => {
    const rig = await openKnown();
    await rig.slots.load(rig.ports[0], embed);
    for (const id of ["tiny-text", "tiny-think"]) await ask(rig, id);
    (await lease(rig, "tiny-rerank")).release();
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-rerank", "tiny-think"]);
  });

  it("a model of the operator's wishes stays, although a request had it loaded again", async () => {
    const rig = await openKnown({
      wishes: ([first = 0]) => ({ [first]: think }),
      config: { models: { "tiny-think": { idle_unload_s: 1 } } },
    });
    const { slots, ports, config } = rig;
    await rig.until(ports[0], "ready");
    await rig.until(ports[0], "empty");
    await config.patch({ models: { "tiny-think": { idle_unload_s: 0 } } });
    await ask(rig, "tiny-think");
    await Promise.all([slots.load(ports[1], embed), slots.load(ports[2], rerank)]);
    expect((await refusal(lease(rig))).message).toMatch(/no room/);
    expect(await shown(rig)).toEqual(["tiny-think", "tiny-embed", "tiny-rerank"]);
  });
});

describe("a user for whom a model is being loaded", () => {
  it("is refused a second one until then, with the time to wait; others and admins are not", async () => {
    const rig = await openKnown({ helpers: { learnedLoadMs: async () => 100_000 } });
    await wrapEngine(rig, "sleep 0.4");
    const first = leaseFor(1, rig, "tiny-text");
    await rig.until(rig.ports[0], "starting");
    const { status, message, options } = await refusal(leaseFor(1, rig, "tiny-think"));
    expect([status, options.retryAfterS]).toEqual([429, 60]);
    expect(message).toMatch(/'tiny-think' has to be loaded, and 'tiny-text' is being loaded for you/);
    const request = { requestId: "r", userId: 7, keyId: 2, endpoint: "chat.completions" };
    const others = [
      leaseFor(1, rig, "tiny-text"),
      leaseFor(1, rig, "tiny-embed", { isAdmin: true }),
      leaseFor(2, rig, "tiny-rerank", { request }),
    ];
    const otherKey = { ...request, keyId: 3 };
    expect((await refusal(leaseFor(3, rig, "tiny-think", { request: otherKey }))).status).toBe(429);
    for (const turn of await Promise.all([first, ...others])) turn.release();
    (await leaseFor(1, rig, "tiny-think")).release();
  });
});

describe("a model that waits for room", () => {
  it("is not loaded when nobody waits for it any more", async () => {
    const rig = await openKnown({ config: evict });
    const { slots, ports } = rig;
    await Promise.all([
      slots.load(ports[0], embed),
      slots.load(ports[1], rerank),
      slots.load(ports[2], think),
    ]);
    const turns = await Promise.all(["tiny-embed", "tiny-rerank", "tiny-think"].map((id) => lease(rig, id)));
    const client = new AbortController();
    const left = refusal(leaseFor(2, rig, "tiny-text", { signal: client.signal }));
    await eventually("it waits", () => waitingFor(rig).includes("tiny-text") || undefined);
    client.abort();
    expect((await left).code).toBe("client_closed");
    for (const turn of turns) turn.release();
    await eventually("it is given up", () => waitingFor(rig).length === 0 || undefined);
    expect(await shown(rig)).toEqual(["tiny-embed", "tiny-rerank", "tiny-think"]);
    expect(await ask(rig)).toContain("hello");
  });

  it("is passed by one that has room beside it, but not by one that needs the same memory", async () => {
    const parts = { "tiny-embed": 5, "tiny-text": 8, "tiny-think": 2, "tiny-rerank": 4 };
    const rig = await memoryOf(parts).open(evict);
    await rig.slots.load(rig.ports[0], embed);
    const busy = await lease(rig, "tiny-embed");
    const large = leaseFor(2, rig, "tiny-text");
    await eventually("the large one waits", () => waitingFor(rig).includes("tiny-text") || undefined);
    const late: string[] = [];
    const middle = leaseFor(3, rig, "tiny-rerank").then((turn) => {
      late.push("middle");
      turn.release();
    });
    (await leaseFor(4, rig, "tiny-think")).release();
    expect(waitingFor(rig)).toEqual(["tiny-text", "tiny-rerank"]);
    busy.release();
    const turn = await large;
    expect(late).toEqual([]);
    expect(await shown(rig)).toContain("tiny-text");
    turn.release();
    await middle;
  });

  it("is not passed by one that would take the only slot that there will be", async () => {
    const rig = await memoryOf({ "tiny-embed": 5, "tiny-text": 8, "tiny-think": 2 }).open({});
    const { slots, ports } = rig;
    await Promise.all([
      slots.load(ports[0], embed),
      slots.load(ports[1], rerank),
      slots.load(ports[2], rerank),
    ]);
    const busy = await lease(rig, "tiny-embed");
    const unloaded = slots.unload(ports[0]);
    const large = leaseFor(2, rig, "tiny-text");
    const small = leaseFor(3, rig, "tiny-think");
    await eventually("both wait", () => waitingFor(rig).length === 2 || undefined);
    busy.release();
    const first = await Promise.race([large, small]);
    expect(first.model.id).toBe("tiny-text");
    first.release();
    (await small).release();
    await unloaded;
  });

  it("is refused at once, with the figures, where it would not fit beside what stays either", async () => {
    const parts = { "tiny-embed": 5, "tiny-think": 3, "tiny-text": 8 };
    const rig = await memoryOf(parts).open({ ...evict, models: { "tiny-think": { pinned: true } } });
    await Promise.all([rig.slots.load(rig.ports[0], embed), rig.slots.load(rig.ports[1], think)]);
    const busy = await lease(rig, "tiny-embed");
    const startMs = performance.now();
    const refused = await refusal(leaseFor(2, rig, "tiny-text", { isAdmin: true }));
    expect(refused.message).toMatch(/no room.*11 of 10 parts/);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    busy.release();
  });
});

describe("a model whose engine is about to end", () => {
  it("is loaded for who asks while a measurement of it ends", async () => {
    const rig = await openKnown();
    const trial = await rig.slots.trials.open(text, new AbortController().signal);
    const closed = trial.close();
    expect(await ask(rig)).toContain("hello");
    await closed;
    expect(await shown(rig)).toContain("tiny-text");
  });

  it("waits for the memory that it still holds", async () => {
    const rig = await memoryOf({ "tiny-text": 8 }).open({});
    await rig.slots.load(rig.ports[0], text);
    const busy = await lease(rig);
    const unloaded = rig.slots.unload(rig.ports[0], { mayReturn: true });
    const again = leaseFor(2, rig, "tiny-text");
    await eventually("it waits", () => waitingFor(rig).includes("tiny-text") || undefined);
    busy.release();
    (await again).release();
    await unloaded;
    expect((await shown(rig)).filter(Boolean)).toEqual(["tiny-text"]);
  });

  it("is loaded again for who comes, and who waits already, when it may return", async () => {
    const rig = await openKnown();
    await rig.slots.load(rig.ports[0], { ...text, parallel: 1 });
    const busy = await lease(rig);
    const waiting = leaseFor(2, rig, "tiny-text");
    const unloaded = rig.slots.unload(rig.ports[0], { mayReturn: true });
    for (const asked of [waiting, leaseFor(3, rig, "tiny-text")]) {
      const turn = await asked;
      expect(turn.port).toBe(rig.ports[1]);
      turn.release();
    }
    expect((await rig.slots.snapshot())[0]?.status).toBe("draining");
    busy.release();
    await unloaded;
  });

  it("is refused in clear words where an operator unloads it, or nothing is loaded on demand", async () => {
    for (const [enabled, mayReturn] of [
      [true, false],
      [false, true],
    ]) {
      const rig = await openKnown({ config: { auto_load: { enabled } } });
      await rig.slots.load(rig.ports[0], text);
      const busy = await lease(rig);
      const unloaded = rig.slots.unload(rig.ports[0], { mayReturn });
      expect((await refusal(leaseFor(2, rig, "tiny-text"))).message).toMatch(/is being unloaded/);
      busy.release();
      await unloaded;
    }
  });
});
