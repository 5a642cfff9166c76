import { statfs } from "node:fs/promises";
import os from "node:os";
import { expect, it } from "vitest";
import { diskRoom } from "./disk-room.ts";

it("is what the system says of the disk", async () => {
  const { blocks, bsize } = await statfs(os.tmpdir());
  const { totalBytes, freeBytes } = await diskRoom(os.tmpdir());
  expect(totalBytes).toBe(blocks * bsize);
  expect(freeBytes).toBeGreaterThan(0);
  expect(freeBytes).toBeLessThanOrEqual(totalBytes);
});

it("cannot be told of a folder that is not there", async () => {
  await expect(diskRoom("/nowhere/at/all")).rejects.toThrow("ENOENT");
});
