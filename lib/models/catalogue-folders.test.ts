/** Folders as other programs lay them out, and many files at once. */
import { copyFile, link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { GgufFile } from "../../tests/fixtures/models/gguf-file.ts";
import { Catalogue } from "./catalogue.ts";
import type { ModelFolders } from "./model-path.ts";
import { whisperFile } from "./testing/whisper-file.ts";

const tiny = await tinyModels();
let root: string;
let folders: ModelFolders;
let catalogue: Catalogue;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "catalogue-folders-")));
  folders = { modelsDir: path.join(root, "models"), extra: [], cacheDir: path.join(root, "cache") };
  await mkdir(folders.modelsDir);
  catalogue = new Catalogue(() => folders, path.join(root, "model-facts.json"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function place(source: string, at: string): Promise<string> {
  const file = path.join(root, at);
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(source, file);
  return file;
}

/** As `huggingface_hub` does it: the file in `blobs/`, a link in the snapshot. */
async function placeInHub(
  source: string,
  repository: string,
  revision: string,
  name: string,
): Promise<string> {
  const folder = path.join(root, "hub", `models--${repository.replace("/", "--")}`);
  const file = path.join(folder, "snapshots", revision, name);
  const blob = path.join(folder, "blobs", `blob-of-${path.basename(source)}`);
  await mkdir(path.dirname(blob), { recursive: true });
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(source, blob);
  await symlink(path.relative(path.dirname(file), blob), file);
  return file;
}

async function setNewest(repository: string, revision: string): Promise<void> {
  const refs = path.join(root, "hub", `models--${repository.replace("/", "--")}`, "refs");
  await mkdir(refs, { recursive: true });
  await writeFile(path.join(refs, "main"), revision);
}

describe("Hugging Face's cache", () => {
  beforeEach(() => {
    folders = { ...folders, extra: [path.join(root, "hub")] };
  });

  it("shows models by their links, paired with their projectors", async () => {
    const model = await placeInHub(tiny.text, "org/eyes-GGUF", "a1", "eyes-Q4_K_M.gguf");
    await placeInHub(tiny.mmprojVision, "org/eyes-GGUF", "a1", "mmproj-model-f16.gguf");
    expect(await catalogue.list()).toMatchObject([
      { id: "eyes-Q4_K_M", path: model, type: "vision", vision: true, error: null },
    ]);
  });

  it("finds split models in folders of a snapshot", async () => {
    for (const part of [1, 2])
      await placeInHub(tiny.text, "org/big", "a1", `Q4_K_M/big-Q4_K_M-0000${part}-of-00002.gguf`);
    expect(await catalogue.list()).toMatchObject([{ id: "big-Q4_K_M", error: null }]);
  });

  it("tells like files of two repositories apart by the repositories", async () => {
    await placeInHub(tiny.text, "one/model-GGUF", "a1", "model.gguf");
    await placeInHub(tiny.text, "two/other-GGUF", "b1", "model.gguf");
    expect((await catalogue.list()).map(({ id }) => id)).toEqual(["model-GGUF/model", "other-GGUF/model"]);
  });

  it("shows what two revisions share once, by the newest, and an old file by its revision", async () => {
    const old = await placeInHub(tiny.text, "org/model", "0ldrevision", "same.gguf");
    await placeInHub(tiny.embed, "org/model", "0ldrevision", "changed.gguf");
    const newest = await placeInHub(tiny.text, "org/model", "newrevision", "same.gguf");
    await placeInHub(tiny.think, "org/model", "newrevision", "changed.gguf");
    await setNewest("org/model", "newrevision\n");
    expect(await catalogue.list()).toMatchObject([
      { id: "0ldrevis/changed", type: "embedding" },
      { id: "model/changed", type: "text" },
      { id: "same", path: newest },
    ]);
    // A slot may still name it as it was called before.
    expect(await catalogue.find(old)).toMatchObject({ id: "same" });
  });

  it("may be named down to one snapshot, whose links lead out of it", async () => {
    const model = await placeInHub(tiny.text, "org/model", "a1", "model.gguf");
    folders = { ...folders, extra: [path.dirname(model)] };
    expect(await catalogue.list()).toMatchObject([{ id: "model", path: model }]);
  });

  it("leaves out a link that leads elsewhere, or nowhere", async () => {
    const secret = await place(tiny.text, "outside/secret.gguf");
    const snapshot = path.join(root, "hub/models--org--bad/snapshots/a1");
    await mkdir(snapshot, { recursive: true });
    await symlink(secret, path.join(snapshot, "secret.gguf"));
    await symlink("../../blobs/unfinished", path.join(snapshot, "unfinished.gguf"));
    expect(await catalogue.list()).toEqual([]);
  });
});

describe("LM Studio's folders", () => {
  it("are publisher, repository, files, with several quantisations of one model", async () => {
    folders = { ...folders, extra: [path.join(root, "lmstudio/models")] };
    for (const file of ["gemma-3-4b-it-Q4_K_M.gguf", "gemma-3-4b-it-Q8_0.gguf"])
      await place(tiny.text, `lmstudio/models/lmstudio-community/gemma-3-4b-it-GGUF/${file}`);
    await place(
      tiny.mmprojOmni,
      "lmstudio/models/lmstudio-community/gemma-3-4b-it-GGUF/mmproj-model-f16.gguf",
    );
    expect(await catalogue.list()).toMatchObject([
      { id: "gemma-3-4b-it-Q4_K_M", type: "omni", vision: true, audio: true },
      { id: "gemma-3-4b-it-Q8_0", type: "omni" },
    ]);
  });
});

describe("two extra folders of one name", () => {
  it("are told apart", async () => {
    folders = { ...folders, extra: [path.join(root, "a/models"), path.join(root, "b/models")] };
    await place(tiny.text, "a/models/same.gguf");
    await place(tiny.text, "b/models/same.gguf");
    expect((await catalogue.list()).map(({ id }) => id)).toEqual(["models-2/same", "models/same"]);
  });
});

describe("files of other kinds", () => {
  it("are Whisper models, for an engine of their own", async () => {
    await writeFile(path.join(folders.modelsDir, "ggml-tiny.en.bin"), whisperFile());
    await writeFile(path.join(folders.modelsDir, "ggml-silero-v5.bin"), whisperFile({ words: 1 }));
    expect(await catalogue.list()).toMatchObject([
      { id: "ggml-tiny.en", type: "audio", engine: "whisper", title: "Whisper tiny, English", error: null },
    ]);
  });

  it("are projectors that are not called so", async () => {
    await place(tiny.text, "models/eyes/llava-v1.5-7b-Q4_K.gguf");
    await place(tiny.mmprojVision, "models/eyes/llava-v1.5-7b-f16-projector.gguf");
    expect(await catalogue.list()).toMatchObject([{ id: "llava-v1.5-7b-Q4_K", type: "vision" }]);
  });

  it("are what no engine runs, which is said", async () => {
    await writeFile(
      path.join(folders.modelsDir, "flux1-dev-Q4_0.gguf"),
      new GgufFile("flux", "flux", 1).bytes(),
    );
    expect((await catalogue.list())[0]?.error).toMatch(/No engine here runs it: it makes pictures/);
  });

  it("are what macOS leaves beside files, which is nothing", async () => {
    await writeFile(path.join(folders.modelsDir, "._model.gguf"), "Mac OS X");
    expect(await catalogue.list()).toEqual([]);
  });
});

describe("five hundred files", () => {
  it("are described anew only when one has changed", async () => {
    const source = await place(tiny.embed, "source.gguf");
    // Another name for the same bytes: the disk has to hold them once.
    for (let index = 0; index < 500; index++)
      await link(source, path.join(folders.modelsDir, `model-${index}.gguf`));
    const first = await catalogue.list();
    expect(first).toHaveLength(500);
    expect(await catalogue.list()).toBe(first);
    await rm(path.join(folders.modelsDir, "model-7.gguf"));
    expect(await catalogue.list()).toHaveLength(499);
  });
});
