/** Downloads as an admin sees them, from a local hub to the disk. */
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DownloadEvent } from "../../lib/downloads/types.ts";
import { servedFile } from "../../tests/harness/hub-files.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import type { DownloadManagerOptions } from "./manager.ts";
import { bytesOf, openRig, type Rig, token } from "./testing/rig.ts";

const mebibyte = 1024 * 1024;
const repoId = "org/vl-GGUF";
const files = {
  "vl-Q4_K_M-00001-of-00002.gguf": servedFile(3 * mebibyte + 17),
  "vl-Q4_K_M-00002-of-00002.gguf": servedFile(mebibyte),
  "vl-Q8_0.gguf": servedFile(2 * mebibyte),
  "vl-Q2_K.gguf": servedFile(mebibyte + 5),
  "mmproj-F16.gguf": servedFile(100_000),
};
const folder = "org--vl-GGUF";
const order = (filename: string, projector = true) => ({ repoId, filename, projector });

let shared: TestDatabase;
let rig: Rig;
beforeAll(async () => {
  shared = await openTestDatabase();
});
afterAll(() => shared.remove());
afterEach(async () => rig?.[Symbol.asyncDispose]());
const open = async (options: Partial<DownloadManagerOptions> = {}) => {
  rig = await openRig(shared, { [repoId]: { files } }, options);
};
const complete = async (filename: string, projector = false) => {
  const { id } = await rig.downloads.add(order(filename, projector));
  return rig.reached(id, "done", "failed", "paused");
};
const cdnRequests = () => rig.hub.requests.filter(({ server }) => server === "cdn");

describe("a download", () => {
  it("brings all parts and the projector, which are seen when all of them are verified, and not before", async () => {
    await open();
    const seenEarly: string[] = [];
    rig.downloads.subscribe((event) => {
      if (event.kind !== "changed" || event.download.files.every(({ done }) => done)) return;
      const names = readdirSync(rig.modelsDir, { recursive: true, encoding: "utf8" });
      seenEarly.push(...names.filter((name) => /\.gguf$/.test(name)));
    });
    const { id } = await rig.downloads.add(order("vl-Q4_K_M-00002-of-00002.gguf"));
    const done = await rig.reached(id, "done");
    expect(seenEarly).toEqual([]);
    expect(done).toMatchObject({
      name: "vl-Q4_K_M-00001-of-00002.gguf",
      repoId,
      error: null,
      bytesPerS: null,
    });
    expect(done.doneBytes).toBe(done.sizeBytes);
    expect(await rig.names()).toEqual([
      `${folder}/mmproj-vl-F16.gguf`,
      `${folder}/vl-Q4_K_M-00001-of-00002.gguf`,
      `${folder}/vl-Q4_K_M-00002-of-00002.gguf`,
    ]);
    for (const [name, file] of Object.entries(files).slice(0, 2))
      expect(bytesOf(file).equals(await rig.read(`${folder}/${name}`))).toBe(true);
    expect(bytesOf(files["mmproj-F16.gguf"]).equals(await rig.read(`${folder}/mmproj-vl-F16.gguf`))).toBe(
      true,
    );
  });

  it("shows the token to the hub alone, and nobody the signature", async () => {
    await open();
    await complete("vl-Q2_K.gguf");
    const hub = rig.hub.requests.filter(({ server }) => server === "hub");
    expect(new Set(hub.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${token}`]));
    expect(cdnRequests().map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const kept = JSON.stringify([
      rig.log,
      rig.downloads.list(),
      rig.inspect("SELECT * FROM downloads, download_files"),
    ]);
    expect(kept).not.toMatch(/secret|signature/);
  });

  it("leaves the projector out where it is not wanted", async () => {
    await open();
    expect((await complete("vl-Q2_K.gguf")).files.map(({ path }) => path)).toEqual([
      `${folder}/vl-Q2_K.gguf`,
    ]);
  });

  it("that is there already is answered at once; without a question to the CDN", async () => {
    await open();
    const { id } = await complete("vl-Q2_K.gguf");
    await rig.restart();
    const asked = cdnRequests().length;
    expect(await rig.downloads.add(order("vl-Q2_K.gguf", false))).toMatchObject({ id, status: "done" });
    expect(cdnRequests().length).toBe(asked);
  });

  it("of a file that was put there by hand only looks at its sum", async () => {
    await open();
    await mkdir(path.join(rig.modelsDir, folder));
    await writeFile(path.join(rig.modelsDir, folder, "vl-Q2_K.gguf"), bytesOf(files["vl-Q2_K.gguf"]));
    expect((await complete("vl-Q2_K.gguf")).status).toBe("done");
    expect(cdnRequests()).toEqual([]);
  });

  it("replaces a file of the same name and size that is another", async () => {
    await open();
    await mkdir(path.join(rig.modelsDir, folder));
    const place = path.join(rig.modelsDir, folder, "vl-Q2_K.gguf");
    await writeFile(place, Buffer.alloc(files["vl-Q2_K.gguf"].sizeBytes));
    expect((await complete("vl-Q2_K.gguf")).status).toBe("done");
    expect(bytesOf(files["vl-Q2_K.gguf"]).equals(await rig.read(`${folder}/vl-Q2_K.gguf`))).toBe(true);
  });

  it("of what is not there is refused: 404", async () => {
    await open();
    await expect(rig.downloads.add(order("none.gguf"))).rejects.toMatchObject({ status: 404 });
    await expect(rig.downloads.add({ ...order("a.gguf"), repoId: "org/no" })).rejects.toMatchObject({
      status: 404,
    });
    expect(rig.downloads.list()).toEqual([]);
  });
});

describe("downloads at the same time", () => {
  it("are two, the others wait in their order; the same again is the same one", async () => {
    await open();
    rig.hub.faults.bytesPerS = 4 * mebibyte;
    const add = (name: string) => rig.downloads.add(order(name, false));
    const [first, second, third, again] = await Promise.all([
      add("vl-Q8_0.gguf"),
      add("vl-Q4_K_M-00001-of-00002.gguf"),
      add("vl-Q2_K.gguf"),
      add("vl-Q8_0.gguf"),
    ]);
    expect(again?.id).toBe(first?.id);
    expect(rig.downloads.list().map(({ status }) => status)).toEqual(["queued", "running", "running"]);
    rig.hub.faults.bytesPerS = null;
    for (const one of [first, second, third]) await rig.reached(one?.id ?? 0, "done");
  });

  it("that share a projector fetch it once", async () => {
    await open();
    const first = await rig.downloads.add(order("vl-Q8_0.gguf"));
    const second = await rig.downloads.add(order("vl-Q2_K.gguf"));
    expect(rig.downloads.list().map(({ status }) => status)).toEqual(["queued", "running"]);
    await rig.reached(first.id, "done");
    await rig.reached(second.id, "done");
    expect(cdnRequests()).toHaveLength(3);
  });

  it("are told to listeners: each status, progress a few times, and the end", async () => {
    await open();
    const events: DownloadEvent[] = [];
    const stop = rig.downloads.subscribe((event) => events.push(event));
    const { id } = await complete("vl-Q8_0.gguf");
    await rig.downloads.remove(id);
    const told = events.map((event) => (event.kind === "changed" ? event.download.status : event.kind));
    const steps = told.filter((status, index) => status !== told[index - 1]);
    expect(steps.slice(0, 2)).toEqual(["queued", "running"]);
    expect(steps.slice(-2)).toEqual(["done", "removed"]);
    // Of two files that may be hashed by the time they are there.
    for (const step of steps.slice(2, -2)) expect(["running", "verifying"]).toContain(step);
    expect(events.length).toBeLessThan(15);
    stop();
  });
});

describe("an admin", () => {
  const slow = async () => {
    await open();
    rig.hub.faults.bytesPerS = mebibyte;
    const { id } = await rig.downloads.add(order("vl-Q8_0.gguf", false));
    await rig.reached(id, "running");
    return id;
  };

  it("pauses and continues: what is there stays", async () => {
    const id = await slow();
    await new Promise<void>((resolve) => {
      rig.downloads.subscribe(() => {
        if ((rig.downloads.list()[0]?.doneBytes ?? 0) > 0) resolve();
      });
    });
    const paused = await rig.downloads.pause(id);
    expect(paused).toMatchObject({ status: "paused", error: null });
    expect(await rig.names()).toEqual([`${folder}/vl-Q8_0.gguf.part`]);
    await rig.restart();
    expect(rig.downloads.list()).toMatchObject([{ status: "paused" }]);
    rig.hub.faults.bytesPerS = null;
    await rig.downloads.continue(id);
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
    expect(cdnRequests().at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it("orders a paused one again: it goes on", async () => {
    const id = await slow();
    await rig.downloads.pause(id);
    rig.hub.faults.bytesPerS = null;
    expect(await rig.downloads.add(order("vl-Q8_0.gguf", false))).toMatchObject({ id });
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
    expect(rig.downloads.list()).toHaveLength(1);
  });

  it("cancels, and forgets: nothing is left", async () => {
    const id = await slow();
    expect((await rig.downloads.remove(id)).status).toBe("cancelled");
    expect(await rig.names()).toEqual([]);
    await rig.downloads.remove(id);
    expect(rig.downloads.list()).toEqual([]);
    expect(rig.inspect("SELECT * FROM download_files")).toEqual([]);
  });

  it("is told what does not go", async () => {
    const id = await slow();
    await expect(rig.downloads.continue(id)).rejects.toMatchObject({ status: 409 });
    await expect(rig.downloads.retry(id)).rejects.toMatchObject({ status: 409 });
    await rig.downloads.remove(id);
    await expect(rig.downloads.pause(id)).rejects.toMatchObject({ status: 409 });
    await expect(rig.downloads.pause(99)).rejects.toMatchObject({ status: 404 });
  });

  it("stops the gateway: within a second, and the next start goes on", async () => {
    const id = await slow();
    const startMs = performance.now();
    await rig.downloads.close();
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(rig.inspect("SELECT status FROM downloads")).toEqual([{ status: "running" }]);
    rig.hub.faults.bytesPerS = null;
    await rig.restart();
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
  });
});
