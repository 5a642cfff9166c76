/** A disk that is full, or nearly so. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { UploadsUnderWay } from "../../lib/models/uploads-under-way.ts";
import { servedFile } from "../../tests/harness/hub-files.ts";
import { canMount, testInNamespace } from "../database/testing/mounting.ts";
import { mountSmallDisk } from "../database/testing/small-disk.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { reserveBytes } from "./free-space.ts";
import { bytesOf, openRig, type Rig } from "./testing/rig.ts";

const mebibyte = 1024 * 1024;
const repoId = "org/m-GGUF";
const files = { "m-Q4_0.gguf": servedFile(3 * mebibyte), "m-Q8_0.gguf": servedFile(4 * mebibyte) };
const order = (filename: string) => ({ repoId, filename, projector: false });

let shared: TestDatabase;
let rig: Rig;
beforeAll(async () => {
  shared = await openTestDatabase();
});
afterAll(() => shared.remove());
afterEach(async () => rig?.[Symbol.asyncDispose]());

testInNamespace(import.meta.filename);

describe("room on the disk", () => {
  it("is asked for first, with what is promised to others: 409 with the figures", async () => {
    let free = reserveBytes + 5 * mebibyte;
    rig = await openRig(shared, { [repoId]: { files } }, { freeBytes: async () => free });
    rig.hub.faults.bytesPerS = mebibyte;
    const { id } = await rig.downloads.add(order("m-Q8_0.gguf"));
    await expect(rig.downloads.add(order("m-Q4_0.gguf"))).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining("has no room"),
    });
    expect(rig.downloads.list().map((one) => one.id)).toEqual([id]);
    free += 3 * mebibyte;
    await rig.downloads.add(order("m-Q4_0.gguf"));
  });

  it("is not promised twice: what uploads will still write is no room", async () => {
    const uploads = new UploadsUnderWay();
    const options = { freeBytes: async () => reserveBytes + 5 * mebibyte, uploads };
    rig = await openRig(shared, { [repoId]: { files } }, options);
    const upload = uploads.begin(4 * mebibyte);
    await expect(rig.downloads.add(order("m-Q4_0.gguf"))).rejects.toMatchObject({ status: 409 });
    upload.arrived(2 * mebibyte);
    await rig.downloads.add(order("m-Q4_0.gguf"));
    await expect(rig.downloads.add(order("m-Q8_0.gguf"))).rejects.toMatchObject({ status: 409 });
    upload.end();
  });

  it("that is gone under way pauses the download; it goes on when there is some again", async () => {
    let free = 2 * reserveBytes;
    rig = await openRig(shared, { [repoId]: { files } }, { freeBytes: async () => free });
    rig.hub.faults.cutAfterBytes = [2 * mebibyte];
    const { id } = await rig.downloads.add(order("m-Q8_0.gguf"));
    free = reserveBytes - 1;
    expect(await rig.reached(id, "paused")).toMatchObject({
      error: expect.stringMatching(/no room.*1 GB has to stay free.*continue/),
    });
    await rig.restart();
    expect(rig.downloads.list()).toMatchObject([
      { status: "paused", error: expect.stringContaining("no room") },
    ]);
    free = 2 * reserveBytes;
    await rig.downloads.continue(id);
    expect(await rig.reached(id, "done", "failed")).toMatchObject({ status: "done", error: null });
  });
});

test.runIf(canMount)("a disk that takes no more pauses the download, which then ends whole", async () => {
  const disk = mountSmallDisk(4);
  try {
    const modelsDir = path.join(disk.folder, "models");
    rig = await openRig(
      shared,
      { [repoId]: { files } },
      { modelsDir, freeBytes: async () => 2 * reserveBytes },
    );
    await writeFile(path.join(disk.folder, "other"), Buffer.alloc(2 * mebibyte));
    const { id } = await rig.downloads.add(order("m-Q4_0.gguf"));
    const paused = await rig.reached(id, "paused", "failed", "done");
    expect(paused).toMatchObject({ status: "paused", error: expect.stringContaining("full") });
    await rm(path.join(disk.folder, "other"));
    await rig.downloads.continue(id);
    expect((await rig.reached(id, "done", "failed", "paused")).status).toBe("done");
    expect(bytesOf(files["m-Q4_0.gguf"]).equals(await rig.read("org--m-GGUF/m-Q4_0.gguf"))).toBe(true);
    await rig[Symbol.asyncDispose]();
  } finally {
    disk.remove();
  }
});

describe("what is in the way", () => {
  const outsider = () => mkdtemp(path.join(os.tmpdir(), "llm-gateway-outside-"));

  it("as a folder that leads elsewhere: nothing is written there", async () => {
    rig = await openRig(shared, { [repoId]: { files } });
    const outside = await outsider();
    await symlink(outside, path.join(rig.modelsDir, "org--m-GGUF"));
    const { id } = await rig.downloads.add(order("m-Q4_0.gguf"));
    expect(await rig.reached(id, "failed", "done")).toMatchObject({
      status: "failed",
      error: expect.stringContaining("leads out of the models folder"),
    });
    expect(await rig.names()).toEqual([]);
    await rm(outside, { recursive: true });
  });

  it("as a link in place of the part: what it leads to stays as it is", async () => {
    rig = await openRig(shared, { [repoId]: { files } });
    const outside = await outsider();
    await writeFile(path.join(outside, "precious"), "mine");
    await mkdir(path.join(rig.modelsDir, "org--m-GGUF"));
    await symlink(
      path.join(outside, "precious"),
      path.join(rig.modelsDir, "org--m-GGUF", "m-Q4_0.gguf.part"),
    );
    await expect(rig.downloads.add(order("m-Q4_0.gguf"))).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining("no plain file"),
    });
    expect(await readFile(path.join(outside, "precious"), "utf8")).toBe("mine");
    await rm(outside, { recursive: true });
  });
});
