import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { Catalogue } from "./catalogue.ts";
import { FactsCache } from "./facts-cache.ts";
import type { ModelFolders } from "./model-path.ts";

const tiny = await tinyModels();
let root: string;
let folders: ModelFolders;
let catalogue: Catalogue;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "catalogue-")));
  folders = {
    modelsDir: path.join(root, "models"),
    extra: [path.join(root, "extra")],
    cacheDir: path.join(root, "cache"),
  };
  for (const folder of ["models", "extra", "cache"]) await mkdir(path.join(root, folder));
  catalogue = open();
});

afterEach(() => rm(root, { recursive: true, force: true }));

function open(): Catalogue {
  return new Catalogue(() => folders, path.join(root, "model-facts.json"));
}

async function place(source: string, at: string): Promise<string> {
  const file = path.join(root, at);
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(source, file);
  return file;
}

async function ids(): Promise<string[]> {
  return (await catalogue.list()).map(({ id }) => id);
}

describe("the catalogue", () => {
  it("is empty without folders", async () => {
    await rm(folders.modelsDir, { recursive: true });
    expect(await ids()).toEqual([]);
  });

  it("lists models with their facts, and no projectors", async () => {
    await place(tiny.text, "models/tiny-text.gguf");
    await place(tiny.mmprojVision, "models/mmproj-other-f16.gguf");
    await place(tiny.rerank, "models/sub/rank.gguf");
    expect(await catalogue.list()).toMatchObject([
      { id: "rank", path: "sub/rank.gguf", type: "embedding", rerank: true },
      {
        id: "tiny-text",
        path: "tiny-text.gguf",
        type: "text",
        architecture: "llama",
        quantization: "F16",
        contextLength: 8192,
        headSize: 16,
        mmprojPath: null,
        error: null,
      },
    ]);
  });

  it("pairs a model with the projector beside it", async () => {
    await place(tiny.text, "models/eyes/some-model.gguf");
    await place(tiny.mmprojVision, "models/eyes/mmproj-model-f16.gguf");
    await place(tiny.text, "models/all/some-omni.gguf");
    await place(tiny.mmprojOmni, "models/all/mmproj-some-omni.gguf");
    expect(await catalogue.list()).toMatchObject([
      { id: "some-model", type: "vision", mmprojPath: path.join("eyes", "mmproj-model-f16.gguf") },
      { id: "some-omni", type: "omni", mmprojPath: path.join("all", "mmproj-some-omni.gguf") },
    ]);
  });

  it("lists extra folders by absolute path, and tells like names apart by folder", async () => {
    await place(tiny.text, "models/same.gguf");
    const other = await place(tiny.text, "extra/same.gguf");
    expect(await catalogue.list()).toMatchObject([
      { id: "extra/same", path: other },
      { id: "same", path: "same.gguf" },
    ]);
  });

  it("names no file anew because of a newcomer, nor after a restart or an update", async () => {
    const first = await place(tiny.text, "models/one/same.gguf");
    expect(await ids()).toEqual(["same"]);
    const second = await place(tiny.embed, "models/same.gguf");
    const named = [
      { id: "same", file: first, type: "text" },
      { id: "same-2", file: second, type: "embedding" },
    ];
    expect(await catalogue.list()).toMatchObject(named);
    catalogue = open();
    expect((await catalogue.find(first))?.id).toBe("same");
    expect(await catalogue.list()).toMatchObject(named);
    const cache = path.join(root, "model-facts.json");
    const kept = JSON.parse(await readFile(cache, "utf8"));
    await writeFile(cache, JSON.stringify({ ...kept, version: kept.version - 1 }));
    expect(await open().list()).toMatchObject(named);
  });

  it("keeps ids also beside facts that an older version kept without them", async () => {
    const first = await place(tiny.text, "models/two/same.gguf");
    await catalogue.list();
    const cache = path.join(root, "model-facts.json");
    const { ids: _, ...facts } = JSON.parse(await readFile(cache, "utf8"));
    await writeFile(cache, JSON.stringify(facts));
    await open().list();
    await place(tiny.text, "models/one/same.gguf");
    expect((await open().find(first))?.id).toBe("same");
  });

  it("tells files of one relative path in two folders apart", async () => {
    await place(tiny.text, "models/extra/same.gguf");
    await place(tiny.text, "extra/same.gguf");
    expect(await ids()).toEqual(["extra/same", "extra/same-2"]);
  });

  it("follows links into the cache, and none elsewhere", async () => {
    await symlink(await place(tiny.text, "cache/starter.gguf"), path.join(root, "models/starter.gguf"));
    await symlink(await place(tiny.text, "outside/secret.gguf"), path.join(root, "models/secret.gguf"));
    expect(await ids()).toEqual(["starter"]);
  });

  it("shows a split model once, and says which part is missing", async () => {
    await place(tiny.text, "models/big-00001-of-00002.gguf");
    const second = await place(tiny.text, "models/big-00002-of-00002.gguf");
    const size = (await readFile(second)).length;
    const [whole] = await catalogue.list();
    expect(whole).toMatchObject({ id: "big", sizeBytes: 2 * size, error: null });
    expect((await catalogue.find(second))?.id).toBe("big");
    await rm(second);
    expect(await catalogue.list()).toMatchObject([{ id: "big", error: "Part 2 of 2 is missing." }]);
    await rm(path.join(root, "models/big-00001-of-00002.gguf"));
    await place(tiny.text, "models/big-00002-of-00002.gguf");
    expect(await catalogue.list()).toMatchObject([{ id: "big", error: "Part 1 of 2 is missing." }]);
  });

  it("says what is wrong with a damaged file, and looks again once it changed", async () => {
    const file = await place(tiny.text, "models/broken.gguf");
    await truncate(file, 1_000);
    expect((await catalogue.list())[0]).toMatchObject({
      error: expect.stringMatching(/damaged/),
      type: "text",
      typeReason:
        "Its header cannot be read. Nothing says what it is for: it is taken for one that writes text.",
    });
    await copyFile(tiny.text, file);
    expect((await catalogue.list())[0]).toMatchObject({ id: "broken", error: null, architecture: "llama" });
  });

  it("remembers facts over a restart, by size and time of change", async () => {
    const file = await place(tiny.text, "models/a.gguf");
    const past = new Date("2024-05-06T07:08:09Z");
    await utimes(file, past, past);
    await catalogue.list();
    const size = (await readFile(file)).length;
    await writeFile(file, Buffer.alloc(size));
    await utimes(file, past, past);
    expect(await open().list()).toMatchObject([{ architecture: "llama", error: null }]);
    await utimes(file, new Date(), new Date());
    expect((await open().list())[0]?.error).toMatch(/damaged/);
  });

  it("reads anew what an older version of this program kept", async () => {
    const file = await place(tiny.text, "models/a.gguf");
    await catalogue.list();
    const cache = path.join(root, "model-facts.json");
    const kept = JSON.parse(await readFile(cache, "utf8"));
    kept.entries[file].facts.architecture = "as it was kept";
    await writeFile(cache, JSON.stringify(kept));
    expect(await open().list()).toMatchObject([{ architecture: "as it was kept" }]);
    for (const old of [{ ...kept, version: kept.version - 1 }, kept.entries]) {
      await writeFile(cache, JSON.stringify(old));
      expect(await open().list()).toMatchObject([{ architecture: "llama" }]);
    }
  });

  it("sums up the parts of a split model, and looks again when any of them changes", async () => {
    const parts = ["models/big-00001-of-00002.gguf", "models/big-00002-of-00002.gguf"];
    const [, second = ""] = await Promise.all(parts.map((part) => place(tiny.text, part)));
    const [alone] = await catalogue.list();
    await place(tiny.text, "models/one.gguf");
    const [, one] = await catalogue.list();
    expect(alone?.parameters).toBe(2 * Number(one?.parameters));
    expect(alone?.shape?.weightsBytes).toBe(2 * Number(one?.shape?.weightsBytes));
    expect(alone).toMatchObject({ files: parts.map((part) => path.basename(part)), layers: 2 });
    await truncate(second, 1_000);
    expect((await catalogue.list())[0]?.error).toMatch(/cut short/);
  });

  it("does not take a disk that fails for a damaged file", async () => {
    const file = await place(tiny.text, "models/a.gguf");
    // A folder cannot be read as a file, whoever asks.
    const facts = new FactsCache(path.join(root, "facts.json"));
    const folder = path.dirname(file);
    const unreadable = { file: folder, target: folder, relative: "a.gguf", sizeBytes: 1, modifiedMs: 1 };
    expect(await facts.factsOf(unreadable)).toEqual({ error: expect.stringMatching(/cannot be read/) });
    expect(facts.known(unreadable)).toBeNull();
  });

  it("survives a cache that is no cache", async () => {
    await place(tiny.text, "models/a.gguf");
    await writeFile(path.join(root, "model-facts.json"), '{"a": 1, ');
    expect(await open().list()).toMatchObject([{ id: "a", architecture: "llama" }]);
  });

  it("finds one model without reading the others", async () => {
    const file = await place(tiny.embed, "models/e.gguf");
    await truncate(await place(tiny.text, "models/other.gguf"), 10);
    expect(await catalogue.find(file)).toMatchObject({ id: "e", type: "embedding" });
    expect(await catalogue.find(path.join(root, "models/none.gguf"))).toBeNull();
  });
});
