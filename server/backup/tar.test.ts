import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTar, type TarEntry, tarHeader, tarPadding } from "./tar.ts";

const largestOctal = 8 ** 11 - 1;
const sizes = [0, 1, largestOctal, largestOctal + 1, 20_000_000_000_000];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-tar-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The first file of an archive of which only this is there. */
async function firstOf(header: Buffer): Promise<TarEntry | undefined> {
  async function* chunks() {
    yield header;
  }
  for await (const { name, sizeBytes } of readTar(chunks())) return { name, sizeBytes };
  return undefined;
}

test.each(sizes)(
  "a file of %d bytes has its size in a header that tar reads, as this reader does",
  async (sizeBytes) => {
    const header = tarHeader({ name: "gateway.db", sizeBytes }, 1_700_000_000_000);
    expect(await firstOf(header)).toEqual({ name: "gateway.db", sizeBytes });
    expect((sizeBytes + tarPadding(sizeBytes).length) % 512).toBe(0);
    const archive = path.join(folder, "header.tar");
    await writeFile(archive, header);
    // The content is missing: tar says so, after the line about the file.
    const { stdout } = spawnSync("tar", ["-tvf", archive], { encoding: "utf8" });
    expect(stdout).toMatch(new RegExp(`\\b${sizeBytes}\\b.*gateway\\.db`));
  },
);

test.runIf(process.platform === "linux")("a size that tar wrote as a binary number is read", async () => {
  const sizeBytes = 9 * 2 ** 30;
  const file = await open(path.join(folder, "sparse"), "w");
  await file.truncate(sizeBytes); // It takes no room on the disk.
  await file.close();
  const written = execFileSync("sh", ["-c", "tar --format=gnu -cf - sparse | head -c 512"], { cwd: folder });
  const size = written.subarray(124, 136);
  const header = tarHeader({ name: "sparse", sizeBytes }, 0);
  expect(header.subarray(124, 136)).toEqual(size);
});

test.each([
  ["a negative number", [0xff, ...Array(11).fill(0xff)]],
  ["more than a disk holds", [0x80, 0, 0, 0, 0, 1, ...Array(6).fill(0)]],
])("a size that is %s is refused", async (_, bytes) => {
  const header = tarHeader({ name: "gateway.db", sizeBytes: 0 }, 0);
  header.set(bytes, 124);
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  header.write(sum.toString(8).padStart(6, "0"), 148, "latin1");
  await expect(firstOf(header)).rejects.toThrow("impossible size");
});
