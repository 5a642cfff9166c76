import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { watchFile } from "./watch-file.ts";

let folder: string;
let stop = () => {};

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "watch-file-"));
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** Resolves at the first change. */
function firstChange(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stop = watchFile(file, resolve, reject);
  });
}

describe("watchFile", () => {
  it("notices a file that is written", async () => {
    const changed = firstChange(path.join(folder, "a.json"));
    await writeFile(path.join(folder, "a.json"), "1");
    await changed;
  });

  it("notices a file that is replaced", async () => {
    await writeFile(path.join(folder, "a.json"), "1");
    await writeFile(path.join(folder, "b"), "2");
    const changed = firstChange(path.join(folder, "a.json"));
    await rename(path.join(folder, "b"), path.join(folder, "a.json"));
    await changed;
  });

  it("looks again and again where the system cannot watch", async () => {
    const troubles: unknown[] = [];
    const later = path.join(folder, "later");
    const file = path.join(later, "a.json");
    const calls = new EventEmitter();
    stop = watchFile(
      file,
      () => calls.emit(existsSync(file) ? "written" : "absent"),
      (error) => troubles.push(error),
    );
    await once(calls, "absent"); // Polling says at once that there is no such file.
    await mkdir(later);
    await writeFile(file, "1");
    await once(calls, "written");
    expect(troubles).toHaveLength(1);
  });
});
