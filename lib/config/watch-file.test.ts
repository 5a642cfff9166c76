import { mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { watchFile } from "./watch-file.ts";

let folder: string;
let file: string;
let stop = () => {};

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "watch-file-"));
  file = path.join(folder, "a.json");
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** Resolves with the file's size at the first change. */
function firstChange(): Promise<number | null> {
  return new Promise((resolve) => {
    stop = watchFile(file, () =>
      stat(file).then(
        ({ size }) => resolve(size),
        () => resolve(null),
      ),
    );
  });
}

describe("watchFile", () => {
  it("notices a file that is written", async () => {
    await writeFile(file, "1");
    const changed = firstChange();
    await writeFile(file, "22");
    expect(await changed).toBe(2);
  });

  it("notices a file that is replaced", async () => {
    await writeFile(file, "1");
    await writeFile(path.join(folder, "b"), "333");
    const changed = firstChange();
    await rename(path.join(folder, "b"), file);
    expect(await changed).toBe(3);
  });

  it("notices a file that is removed", async () => {
    await writeFile(file, "1");
    const changed = firstChange();
    await rm(file);
    expect(await changed).toBe(null);
  });

  it("is not disturbed by other files of the folder", async () => {
    await writeFile(file, "1");
    let calls = 0;
    stop = watchFile(file, () => calls++);
    await writeFile(path.join(folder, "gateway.db-wal"), "1");
    await delay(700); // Longer than it takes to look.
    expect(calls).toBe(0);
  });
});
