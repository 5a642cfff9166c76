import { copyFile, mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isGatewayError } from "../../../lib/errors.ts";
import { Catalogue } from "../../../lib/models/catalogue.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";
import { type TinyModels, tinyModels } from "../../../tests/fixtures/index.ts";
import { MemoryConfig } from "../test-support/memory-config.ts";
import { createDataDir } from "../test-support/rig.ts";
import { planLlama } from "./llama-plan.ts";

let tiny: TinyModels;
let dataDir: string;
let catalogue: Catalogue;

beforeAll(async () => {
  tiny = await tinyModels();
  dataDir = await createDataDir(tiny);
  const modelsDir = path.join(dataDir, "models");
  // One that comes with eyes.
  await mkdir(path.join(modelsDir, "eyes"));
  await copyFile(tiny.text, path.join(modelsDir, "eyes", "seer.gguf"));
  await copyFile(tiny.mmprojVision, path.join(modelsDir, "eyes", "mmproj-f16.gguf"));
  await writeFile(path.join(modelsDir, "plain.jinja"), "{{ messages[0].content }}");
  await writeFile(path.join(dataDir, "secret.jinja"), "secret");
  await symlink(path.join(dataDir, "secret.jinja"), path.join(modelsDir, "link.jinja"));
  const folders = { modelsDir, extra: [], cacheDir: path.dirname(tiny.text) };
  catalogue = new Catalogue(() => folders, path.join(dataDir, "facts.json"));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

function plan(request: LoadRequest, config: Record<string, unknown> = {}) {
  return planLlama(request, new MemoryConfig({}, config).current, catalogue);
}

const text = { model_path: "tiny-text.gguf" };

describe("the files that a plan needs", () => {
  it("are the model, its projector and its draft model, with what links lead to", async () => {
    const at = (name: string) => path.join(dataDir, "models", name);
    const draft = { model_path: "tiny-text.gguf" };
    const planned = await plan({ model_path: "eyes/seer.gguf", draft });
    expect(planned.files).toEqual([
      at("eyes/seer.gguf"),
      at("eyes/mmproj-f16.gguf"),
      at("tiny-text.gguf"),
      await realpath(tiny.text),
    ]);
  });
});

it("needs every part of a split model, also where they are links to names that say nothing", async () => {
  const models = path.join(dataDir, "models");
  const names = [1, 2, 3].map((part) => `big-0000${part}-of-00003.gguf`);
  for (const [index, name] of names.entries()) {
    await copyFile(tiny.text, path.join(models, `blob${index}`));
    await symlink(`blob${index}`, path.join(models, name));
  }
  const planned = await plan({ model_path: names[1] ?? "" });
  for (const name of [...names, "blob0", "blob1", "blob2"])
    expect(planned.files).toContain(path.join(models, name));
});

describe("options", () => {
  it("come from the request, then from the model's own settings, then from `performance`", async () => {
    const config = {
      default_threads: 3,
      performance: { parallel: 4, batch_size: 256, gpu_layers: 9 },
      models: { "tiny-text": { parallel: 2, ctx_size: 1024 } },
    };
    expect(await plan({ ...text, ctx_size: 2048 }, config)).toMatchObject({
      ctxSize: 2048,
      parallel: 2,
      threads: 3,
      settings: { ctxSize: 2048, parallel: 2, threads: 3, batchSize: 256, gpuLayers: 9 },
    });
    expect((await plan(text, config)).ctxSize).toBe(1024);
    expect((await plan({ model_path: "tiny-think.gguf" }, config)).parallel).toBe(4);
  });

  it("come from a preset where the request leaves them out", async () => {
    const presets = { long: { ctx_size: 4096, parallel: 1, cache_type_k: "f16" }, short: { ctx_size: 256 } };
    const models = { "tiny-text": { ctx_size: 1024, threads: 3, preset: "short", presets } };
    const long = await plan({ ...text, preset: "long", parallel: 2 }, { models });
    expect(long).toMatchObject({ ctxSize: 4096, parallel: 2, threads: 3, warnings: [] });
    expect(long.settings).toMatchObject({ cacheTypeK: "f16", cacheTypeV: "q8_0" });
    expect((await plan(text, { models })).ctxSize).toBe(256);
    const absent = await plan(
      { model_path: "tiny-think.gguf" },
      { models: { "tiny-think": { preset: "x" } } },
    );
    expect(absent.warnings.join()).toMatch(/no preset 'x'/);
  });

  it("name a template and a draft model by files in the models folder", async () => {
    const { settings } = await plan({
      ...text,
      chat_template_file: "plain.jinja",
      draft: { model_path: "tiny-think.gguf", max_tokens: 4 },
    });
    expect(settings.chatTemplate).toEqual({ file: path.join(dataDir, "models", "plain.jinja") });
    expect(settings.draft).toMatchObject({ maxTokens: 4, minTokens: null });
    expect(settings.draft?.modelFile).toMatch(/models.tiny-think\.gguf$/);
  });

  it("never exceed what the model was trained for", async () => {
    expect(await plan(text, { default_ctx_size: 100_000 })).toMatchObject({ ctxSize: 8192, warnings: [] });
    const asked = await plan({ ...text, ctx_size: 100_000 });
    expect(asked.ctxSize).toBe(8192);
    expect(asked.warnings.join()).toMatch(/not trained for more/);
  });
});

describe("a projector", () => {
  it("beside the model is used", async () => {
    const seer = await plan({ model_path: "eyes/seer.gguf" });
    expect(seer.model).toMatchObject({ id: "seer", type: "vision", capabilities: ["text", "image"] });
    expect(seer.settings.mmprojFile).toMatch(/eyes.mmproj-f16\.gguf$/);
  });

  it("is left out where only text is wanted", async () => {
    const blind = await plan({ model_path: "eyes/seer.gguf", model_type: "text" });
    expect(blind.model.type).toBe("text");
    expect(blind.settings.mmprojFile).toBeNull();
  });

  it("that is named decides what the model can do", async () => {
    const hearing = await plan({ ...text, mmproj_path: "tiny-mmproj-audio.gguf" });
    expect(hearing.model).toMatchObject({ type: "audio", capabilities: ["transcription"] });
  });
});

describe("an encoder", () => {
  it("says by its file what it serves, and how it pools", async () => {
    const embed = await plan({ model_path: "tiny-embed.gguf" });
    expect(embed).toMatchObject({ ctxSize: 512, settings: { serves: "embedding", pooling: null } });
    expect((await plan({ model_path: "tiny-rerank.gguf" })).settings.serves).toBe("rerank");
  });

  it("pools as it is told, and in the usual way where nothing says how", async () => {
    const told = await plan({ ...text, model_type: "embedding", pooling: "cls" });
    expect(told).toMatchObject({ settings: { serves: "embedding", pooling: "cls" }, warnings: [] });
    const usual = await plan({ ...text, model_type: "embedding" });
    expect(usual.settings.pooling).toBe("last");
    expect(usual.warnings.join()).toMatch(/does not say how it pools/);
    const rank = await plan({ ...text, model_type: "embedding", pooling: "rank" });
    expect(rank).toMatchObject({ model: { capabilities: ["rerank"] }, settings: { serves: "rerank" } });
  });
});

describe("what cannot be run", () => {
  it.each<[LoadRequest, number, string | undefined]>([
    [{}, 400, "model_path"],
    [{ model_path: "../x.gguf" }, 400, "model_path"],
    [{ model_path: "tiny-mmproj-vision.gguf" }, 422, undefined],
    [{ ...text, mmproj_path: "../x.gguf" }, 400, "mmproj_path"],
    [{ ...text, mmproj_path: "tiny-embed.gguf" }, 400, "mmproj_path"],
    [{ ...text, preset: "absent" }, 400, "preset"],
    [{ ...text, preset: "__proto__" }, 400, "preset"],
    [{ ...text, draft: { model_path: "../x.gguf" } }, 400, "draft.model_path"],
    [{ ...text, draft: { model_path: "tiny-mmproj-vision.gguf" } }, 422, undefined],
    [{ ...text, chat_template_file: "../secret.jinja" }, 400, "chat_template_file"],
    [{ ...text, chat_template_file: "link.jinja" }, 400, "chat_template_file"],
    [{ ...text, chat_template_file: "tiny-text.gguf" }, 400, "chat_template_file"],
    [{ ...text, chat_template: "chatml", chat_template_file: "plain.jinja" }, 400, "chat_template"],
  ])("%o is refused with %i", async (request, status, param) => {
    const error = await plan(request).catch((caught: unknown) => caught);
    if (!isGatewayError(error)) throw new Error("It was not refused.");
    expect([error.status, error.options.param]).toEqual([status, param]);
  });
});
