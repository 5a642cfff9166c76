import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceFile } from "./replace-file.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "replace-file-"));
  file = path.join(folder, "config.json");
});

afterEach(() => rm(folder, { recursive: true }));

describe("replaceFile", () => {
  it("writes for the owner alone and leaves nothing beside it, not even what a crash left", async () => {
    await writeFile(path.join(folder, ".config.json.tmp"), "half", { mode: 0o644 });
    expect(await replaceFile(file, "one", null)).toBe(true);
    expect(await replaceFile(file, "two", "one")).toBe(true);
    expect(await readFile(file, "utf8")).toBe("two");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  it("overwrites nobody's edit", async () => {
    await writeFile(file, "edited");
    expect(await replaceFile(file, "mine", "as I read it")).toBe(false);
    expect(await replaceFile(file, "mine", null)).toBe(false);
    expect(await readFile(file, "utf8")).toBe("edited");
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  it("never shows a reader half a text", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `${index}:${"x".repeat(100_000)}`);
    await replaceFile(file, texts[0] ?? "", null);
    let isWriting = true;
    const reading = (async () => {
      let reads = 0;
      for (; isWriting; reads++) expect(texts).toContain(await readFile(file, "utf8"));
      return reads;
    })();
    for (const [index, text] of texts.slice(1).entries()) await replaceFile(file, text, texts[index] ?? "");
    isWriting = false;
    expect(await reading).toBeGreaterThan(0);
  });
});
