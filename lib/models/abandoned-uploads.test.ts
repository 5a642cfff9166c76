import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { removeAbandonedUploads } from "./abandoned-uploads.ts";

let folder = "";
let models = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-uploads-"));
  models = path.join(folder, "models");
  await mkdir(path.join(models, "org--m"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

it("removes unfinished uploads, and nothing else", async () => {
  const kept = [
    "m.gguf",
    "m.gguf.backup-2025",
    "n.gguf.part",
    "n.gguf.verified",
    "notes.upload.part",
    "org--m/x.gguf.upload.part",
  ];
  const left = ["ggml-tiny.bin.upload.part", "m.gguf.upload.part"];
  for (const name of [...kept, ...left]) await writeFile(path.join(models, name), name);
  await mkdir(path.join(models, "folder.gguf.upload.part"));
  await writeFile(path.join(folder, "outside"), "mine");
  await symlink(path.join(folder, "outside"), path.join(models, "link.gguf.upload.part"));
  expect((await removeAbandonedUploads(models)).sort()).toEqual(left);
  const others = ["folder.gguf.upload.part", "link.gguf.upload.part", "org--m"];
  expect((await readdir(models, { recursive: true })).sort()).toEqual([...kept, ...others].sort());
  expect(await readFile(path.join(folder, "outside"), "utf8")).toBe("mine");
});

it("finds nothing where there is no models folder yet", async () => {
  expect(await removeAbandonedUploads(path.join(folder, "none"))).toEqual([]);
});
