/** What goes wrong on the way from the hub, and how a download gets over it or says why not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commit } from "../../tests/harness/hub.ts";
import { servedBytes, servedFile } from "../../tests/harness/hub-files.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { bytesOf, openRig, type Rig } from "./testing/rig.ts";

const mebibyte = 1024 * 1024;
const repoId = "org/m-GGUF";
const filename = "m-Q4_0.gguf";
const file = servedFile(5 * mebibyte + 321);
const place = "org--m-GGUF/m-Q4_0.gguf";

let shared: TestDatabase;
let rig: Rig;
beforeAll(async () => {
  shared = await openTestDatabase();
});
afterAll(() => shared.remove());
beforeEach(async () => {
  rig = await openRig(shared, { [repoId]: { files: { [filename]: file } } }, { source: { stallMs: 300 } });
});
afterEach(async () => rig[Symbol.asyncDispose]());

const start = async () => (await rig.downloads.add({ repoId, filename, projector: false })).id;
const ended = async () => rig.reached(await start(), "done", "failed", "paused");
const cdnRequests = () => rig.hub.requests.filter(({ server }) => server === "cdn");
const ranges = () => cdnRequests().map(({ headers }) => headers.range ?? null);
const isWhole = async () => bytesOf(file).equals(await rig.read(place));

describe("a connection that", () => {
  it("breaks goes on from where it broke, for the same file alone", async () => {
    rig.hub.faults.cutAfterBytes = [mebibyte + 1, 0, 2 * mebibyte];
    expect(await ended()).toMatchObject({ status: "done", error: null });
    expect(await isWhole()).toBe(true);
    const [first, ...later] = cdnRequests();
    expect(first?.headers).not.toHaveProperty("range");
    const starts = later.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1]));
    expect(starts).toHaveLength(3);
    // What a socket holds when it breaks may be lost.
    expect(starts[0]).toBeGreaterThan(mebibyte / 2);
    expect(starts[0]).toBeLessThanOrEqual(mebibyte + 1);
    expect(starts[1]).toBe(starts[0]);
    expect(starts[2]).toBeGreaterThan(2 * mebibyte);
    for (const { headers } of later) expect(headers["if-range"]).toBe(`"${file.sha256.slice(0, 16)}-1"`);
  });

  it("breaks again and again without progress is given up; a retry goes on", async () => {
    rig.hub.faults.alwaysCutAfterBytes = 400_000;
    const failed = await ended();
    expect(failed).toMatchObject({
      status: "failed",
      error: expect.stringContaining("Given up after 11 attempts"),
    });
    expect(failed.doneBytes).toBeGreaterThan(0);
    rig.hub.faults.alwaysCutAfterBytes = null;
    await rig.downloads.retry(failed.id);
    expect((await rig.reached(failed.id, "done", "failed")).status).toBe("done");
    expect(ranges().at(-1)).toBe(`bytes=${failed.doneBytes}-`);
    expect(cdnRequests()).toHaveLength(12);
  });

  it("stalls is left for another", async () => {
    rig.hub.faults.stallAfterBytes = 2 * mebibyte;
    const id = await start();
    await new Promise<void>((resolve) => {
      rig.downloads.subscribe(() => {
        if (rig.downloads.list()[0]?.error?.includes("stopped sending")) resolve();
      });
    });
    rig.hub.faults.stallAfterBytes = null;
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
    expect(ranges().at(-1)).toMatch(/^bytes=[1-9]/);
    expect(await isWhole()).toBe(true);
  });
});

describe("a server that", () => {
  it("has another file by then is asked for all of it", async () => {
    rig.hub.faults.cutAfterBytes = [2 * mebibyte];
    const id = await start();
    const stop = rig.downloads.subscribe(() => {
      if (cdnRequests().length === 1) rig.hub.faults.version = "2";
    });
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
    stop();
    expect(ranges()).toEqual([null, expect.stringMatching(/^bytes=[1-9]/)]);
    expect(rig.inspect("SELECT etag FROM download_files")).toEqual([
      { etag: `"${file.sha256.slice(0, 16)}-2"` },
    ]);
    expect(await isWhole()).toBe(true);
  });

  it("knows no ranges sends all of it again", async () => {
    rig.hub.faults.noRanges = true;
    rig.hub.faults.cutAfterBytes = [2 * mebibyte];
    expect((await ended()).status).toBe("done");
    expect(await isWhole()).toBe(true);
  });

  it("tells no ETag is asked for the rest, as the sum shows what it was", async () => {
    rig.hub.faults.noEtag = true;
    rig.hub.faults.cutAfterBytes = [2 * mebibyte];
    expect((await ended()).status).toBe("done");
    expect(ranges().at(-1)).toMatch(/^bytes=[1-9]/);
    expect(cdnRequests().at(-1)?.headers).not.toHaveProperty("if-range");
    expect(await isWhole()).toBe(true);
  });

  it.each([
    ["before a cut", 5],
    ["after it", 3 * mebibyte],
  ])("sends a wrong byte %s: it fails with both sums, and nothing of it is left", async (_, corruptAt) => {
    rig.hub.faults.corruptAt = corruptAt;
    rig.hub.faults.cutAfterBytes = [2 * mebibyte];
    const failed = await ended();
    expect(failed).toMatchObject({
      status: "failed",
      doneBytes: 0,
      error: expect.stringContaining(file.sha256),
    });
    expect(failed.error).toContain("damaged");
    expect(await rig.names()).toEqual([]);
    rig.hub.faults.corruptAt = null;
    await rig.downloads.retry(failed.id);
    expect((await rig.reached(failed.id, "done", "failed")).status).toBe("done");
  });

  it("has the bytes that the hub names, which are no model: it fails, and no part of it is seen", async () => {
    const page = servedBytes(Buffer.from("version https://git-lfs.github.com/spec/v1\n"));
    const [first, second] = ["m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"];
    rig.hub.repositories[repoId] = { files: { [first]: servedFile(1_000), [second]: page } };
    const { id } = await rig.downloads.add({ repoId, filename: first, projector: false });
    expect(await rig.reached(id, "failed", "done")).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/^m-Q8_0-00002-of-00002\.gguf is damaged or no model.*Git LFS/),
    });
    expect(await rig.names()).toEqual([`org--m-GGUF/${first}.verified`]);
  });

  it("is asked by an address that has run out gets a new one from the hub", async () => {
    rig.hub.faults.statuses = [{ status: 403 }, { status: 500 }];
    expect((await ended()).status).toBe("done");
    expect(rig.hub.requests.filter(({ url }) => url.includes("/resolve/"))).toHaveLength(3);
  });

  it("asks to wait is left in peace for that time", async () => {
    // A scale of 0.005: 100 s are half a second here.
    rig.hub.faults.statuses = [{ status: 429, headers: { "retry-after": "100" } }];
    const startMs = performance.now();
    expect((await ended()).status).toBe("done");
    expect(performance.now() - startMs).toBeGreaterThan(500);
  });

  it.each([
    [401, "hf_token"],
    [403, "accept"],
    [404, "no such"],
  ])("is the hub and answers %i by then: it fails with what to do", async (status, words) => {
    rig.hub.faults.cutAfterBytes = [mebibyte];
    const id = await start();
    rig.hub.refusal = { status };
    const failed = await rig.reached(id, "failed", "done");
    expect(failed).toMatchObject({ status: "failed", error: expect.stringContaining(words) });
    rig.hub.refusal = null;
    await rig.downloads.retry(id);
    expect((await rig.reached(id, "done", "failed")).status).toBe("done");
  });

  it("names a size that the file has not: it fails before anything is written", async () => {
    const other = servedFile(1000);
    rig.hub.faults.bytesPerS = mebibyte;
    const id = await start();
    await rig.downloads.pause(id);
    rig.hub.repositories[repoId] = { files: { [filename]: other } };
    await rig.downloads.continue(id);
    const failed = await rig.reached(id, "failed", "done");
    expect(failed.error).toContain("another file than the hub names");
  });
});

it("a file is asked of the commit that was looked at, whatever the branch is by then", async () => {
  await ended();
  expect(rig.hub.requests.some(({ url }) => url === `/${repoId}/resolve/${commit}/${filename}`)).toBe(true);
});
