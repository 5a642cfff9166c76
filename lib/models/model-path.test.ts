import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isGatewayError } from "../errors.ts";
import { confineModelPath, type ModelFolders } from "./model-path.ts";

let root: string;
let folders: ModelFolders;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "model-path-")));
  folders = {
    modelsDir: path.join(root, "data", "models"),
    extra: [path.join(root, "extra")],
    cacheDir: path.join(root, "cache"),
  };
  for (const folder of ["data/models/sub", "data/models/folder.gguf", "extra", "cache", "outside"])
    await mkdir(path.join(root, folder), { recursive: true });
  for (const file of [
    "data/models/a.gguf",
    "data/models/sub/b.GGUF",
    "data/models/ggml-base.bin",
    "extra/c.gguf",
    "cache/d.gguf",
  ])
    await writeFile(path.join(root, file), "x");
  for (const file of ["outside/secret.gguf", "data/secret.gguf", "data/models/notes.txt"])
    await writeFile(path.join(root, file), "x");
  await symlink(path.join(root, "cache/d.gguf"), path.join(root, "data/models/starter.gguf"));
  await symlink(path.join(root, "outside/secret.gguf"), path.join(root, "data/models/escape.gguf"));
  await symlink(path.join(root, "outside"), path.join(root, "data/models/way-out"));
  await symlink(path.join(root, "nowhere"), path.join(root, "data/models/dangling.gguf"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function refusal(named: string) {
  const error = await confineModelPath(named, folders, "model_path").catch((caught: unknown) => caught);
  if (!isGatewayError(error)) throw new Error(`'${named}' was accepted`);
  return error;
}

describe("a model path", () => {
  it.each([
    ["a.gguf", "data/models/a.gguf"],
    ["sub/../a.gguf", "data/models/a.gguf"],
    ["sub/b.GGUF", "data/models/sub/b.GGUF"],
    ["starter.gguf", "data/models/starter.gguf"],
    ["ggml-base.bin", "data/models/ggml-base.bin"],
  ])("inside is accepted: %s", async (named, file) => {
    expect(await confineModelPath(named, folders, "model_path")).toBe(path.join(root, file));
  });

  it("may be absolute, also in an extra folder", async () => {
    for (const file of ["data/models/a.gguf", "extra/c.gguf"])
      expect(await confineModelPath(path.join(root, file), folders, "model_path")).toBe(
        path.join(root, file),
      );
  });

  it.each([
    "../secret.gguf",
    "sub/../../secret.gguf",
    "../models/../secret.gguf",
    "..",
    ".",
    "",
    "/etc/passwd",
    "a.gguf\0",
    "\0/../a.gguf",
    "escape.gguf",
    "way-out/secret.gguf",
    "dangling.gguf",
    "notes.txt",
    "folder.gguf",
    "missing.gguf",
    "%2e%2e%2fsecret.gguf",
    "..%2fsecret.gguf",
  ])("is refused: %j", async (named) => {
    const error = await refusal(named);
    expect([error.status, error.options.param]).toEqual([400, "model_path"]);
  });

  it("in the cache is reached by a link only, not by its own path", async () => {
    expect((await refusal(path.join(root, "cache/d.gguf"))).status).toBe(400);
  });

  it("never leads outside, whatever it is made of", async () => {
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "sub",
      "way-out",
      "a.gguf",
      "secret.gguf",
      "outside",
      "%2f",
      "\0",
      "data",
      root,
    );
    const named = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join("/")),
      fc.string({ maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(named, async (name) => {
        const file = await confineModelPath(name, folders, "model_path").catch(() => null);
        if (file === null) return;
        const target = await realpath(file);
        const allowed = [folders.modelsDir, ...folders.extra, folders.cacheDir];
        expect(allowed.some((folder) => target.startsWith(`${folder}${path.sep}`))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
