import { expect, it } from "vitest";
import { engineMemory, memoryIn } from "./engine-memory.ts";

const kilobyte = 1024;
const smaps = `7f0000000000-7f0000200000 r--s 00000000 08:01 12    /models/a b.gguf
Size:               2048 kB
Rss:                 512 kB
Anonymous:             0 kB
Locked:                0 kB
7f0000200000-7f0000300000 r--s 00000000 08:01 13    /models/c.gguf (deleted)
Size:               1024 kB
Rss:                1024 kB
Anonymous:             0 kB
Locked:             1024 kB
7f0000300000-7f0000400000 r-xp 00000000 08:01 14    /usr/lib/libc.so
Size:               1000 kB
Rss:                 100 kB
Anonymous:             4 kB
Locked:                0 kB
7f0000400000-7f0000500000 rw-p 00000000 00:00 0
Size:               9000 kB
Rss:                 300 kB
Anonymous:           300 kB
Locked:                0 kB
VmFlags: rd wr mr mw me ac sd
`;

it("counts models in full, libraries as far as they are resident, and what was written", () => {
  expect(memoryIn(smaps, [])).toEqual({
    needBytes: (2048 + 1024 + 100 + 300) * kilobyte,
    heldBytes: (1024 + 4 + 300) * kilobyte,
  });
});

it("knows a model by its file where its name does not say so", () => {
  const blobs = smaps
    .replace("/models/a b.gguf", "/hub/blobs/0a1b")
    .replace("/models/c.gguf", "/hub/blobs/2c3d");
  const needed = (...files: string[]) => memoryIn(blobs, files).needBytes / kilobyte;
  expect(needed("/hub/blobs/0a1b", "/hub/blobs/2c3d")).toBe(2048 + 1024 + 100 + 300);
  expect(needed("/hub/blobs/2c3d")).toBe(512 + 1024 + 100 + 300);
});

it.runIf(process.platform === "linux")("sees this process, and none that is gone", async () => {
  const before = await engineMemory(process.pid, []);
  const block = Buffer.alloc(64 * 1024 ** 2, 1);
  const after = await engineMemory(process.pid, []);
  expect((after?.heldBytes ?? 0) - (before?.heldBytes ?? 0)).toBeGreaterThan(block.length * 0.8);
  expect(await engineMemory(4_000_000, [])).toBeNull();
});
