import { mkdir, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type ModelFilesRig, openModelFiles } from "@/lib/admin/testing/model-files.ts";
import { tinyModels } from "@/tests/fixtures/index.ts";
import { POST } from "./route.ts";

const tiny = await tinyModels();
let rig: ModelFilesRig;
let outside: string;

beforeAll(async () => {
  rig = await openModelFiles();
  outside = path.join(path.dirname(rig.modelsDir), "outside");
});
afterAll(() => rig.services.close());
beforeEach(async () => {
  for (const folder of [rig.modelsDir, rig.extraDir, outside]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
  await writeFile(path.join(outside, "secret.gguf"), "precious");
});
afterEach(async () => {
  for (const port of rig.services.config.slotPorts) {
    await rig.services.slots.unload(port);
    await rig.services.config.setSlot(port, null);
  }
});

const remove = (named: string) => call(POST, "POST", { body: { path: named } });
async function refusal(named: string) {
  const { status, json } = await call<Refusal>(POST, "POST", { body: { path: named } });
  return { status, message: json.error.message, param: json.error.param };
}

describe("POST models/delete", () => {
  it("200: removes the file, and says what that frees", async () => {
    await rig.place(tiny.text, "a.gguf");
    await rig.place(tiny.text, "b.gguf");
    const { size } = await stat(tiny.text);
    const freed = Number((size / 1024 ** 2).toFixed(1));
    expect(await remove("a.gguf")).toMatchObject({
      status: 200,
      json: { deleted: ["a.gguf"], freed_mb: freed },
    });
    expect(await rig.files()).toEqual(["b.gguf"]);
  });

  it("200: takes all parts, the projector, and the folder that is left empty", async () => {
    await rig.place(tiny.text, "pub/big/big-00001-of-00002.gguf");
    await rig.place(tiny.text, "pub/big/big-00002-of-00002.gguf");
    await rig.place(tiny.mmprojVision, "pub/big/mmproj-big-f16.gguf");
    await rig.place(tiny.text, "other.gguf");
    const { json } = await remove("pub/big/big-00002-of-00002.gguf");
    expect(json.deleted).toEqual([
      "pub/big/big-00001-of-00002.gguf",
      "pub/big/big-00002-of-00002.gguf",
      "pub/big/mmproj-big-f16.gguf",
    ]);
    expect(await readdir(rig.modelsDir)).toEqual(["other.gguf"]);
  });

  it("200: leaves a projector that another model uses, or that a slot names", async () => {
    await rig.place(tiny.text, "gemma-Q4_K_M.gguf");
    await rig.place(tiny.text, "gemma-Q8_0.gguf");
    await rig.place(tiny.mmprojVision, "mmproj-gemma-f16.gguf");
    await remove("gemma-Q4_K_M.gguf");
    expect(await rig.files()).toEqual(["gemma-Q8_0.gguf", "mmproj-gemma-f16.gguf"]);
    await rig.place(tiny.text, "different.gguf");
    const [port = 0] = rig.services.config.slotPorts;
    const wish = { model_path: "different.gguf", mmproj_path: "mmproj-gemma-f16.gguf" };
    await rig.services.config.setSlot(port, wish);
    await remove("gemma-Q8_0.gguf");
    expect(await rig.files()).toEqual(["different.gguf", "mmproj-gemma-f16.gguf"]);
  });

  it("200: removes a damaged file, a projector alone, and a part without its others", async () => {
    await writeFile(path.join(rig.modelsDir, "broken.gguf"), "not a model");
    await rig.place(tiny.mmprojAudio, "mmproj-alone.gguf");
    await rig.place(tiny.text, "late-00002-of-00003.gguf");
    for (const file of await rig.files()) expect((await remove(file)).status).toBe(200);
    expect(await rig.files()).toEqual([]);
  });

  it("200: of a link the link alone, also of one that leads nowhere", async () => {
    await symlink(path.join(outside, "secret.gguf"), path.join(rig.modelsDir, "link.gguf"));
    await symlink(path.join(outside, "nowhere.gguf"), path.join(rig.modelsDir, "dangling.gguf"));
    expect(await remove("link.gguf")).toMatchObject({ status: 200, json: { freed_mb: 0 } });
    expect((await remove("dangling.gguf")).status).toBe(200);
    expect(await rig.files()).toEqual([]);
    expect(await readFile(path.join(outside, "secret.gguf"), "utf8")).toBe("precious");
  });

  it("200: leaves a line in the audit log", async () => {
    await rig.place(tiny.text, "seen.gguf");
    await remove("seen.gguf");
    const rows = rig.services.inspect<{ detail: string }>(
      "SELECT detail FROM audit_log WHERE action = 'model.delete' AND target = 'model:seen'",
    );
    expect(rows.map(({ detail }) => JSON.parse(detail))).toEqual([{ files: ["seen.gguf"] }]);
  });

  it("404: what is not there, and what is spelled in another way", async () => {
    await rig.place(tiny.text, "a.gguf");
    for (const named of ["missing.gguf", "A.gguf", "no/folder/a.gguf"])
      expect(await refusal(named)).toMatchObject({ status: 404, param: "path" });
    expect(await rig.files()).toEqual(["a.gguf"]);
  });

  it("409: while a slot runs it, naming the slot", async () => {
    const file = await rig.place(tiny.text, "busy.gguf");
    const port = rig.services.config.slotPorts[2] ?? 0;
    await rig.services.slots.load(port, { model_path: file }, { wait: false });
    expect(await refusal("busy.gguf")).toEqual({
      status: 409,
      message: `Slot ${port} needs busy.gguf. Unload first, then delete.`,
      param: "path",
    });
    expect(await rig.files()).toEqual(["busy.gguf"]);
  });

  it("409: while a slot runs it through a link, and 200 for a link that nobody needs", async () => {
    await rm(rig.modelsDir, { recursive: true });
    await symlink(outside, rig.modelsDir);
    const file = await rig.place(tiny.text, "busy.gguf");
    await symlink(file, path.join(rig.modelsDir, "link.gguf"));
    const [port = 0] = rig.services.config.slotPorts;
    await rig.services.slots.load(port, { model_path: await realpath(file) });
    expect((await refusal("busy.gguf")).status).toBe(409);
    expect((await remove("link.gguf")).status).toBe(200);
    expect(await readdir(outside)).toEqual(["busy.gguf", "secret.gguf"]);
  });

  it("409: for the projector of a model that is wished for", async () => {
    await rig.place(tiny.text, "eyes/seer.gguf");
    await rig.place(tiny.mmprojVision, "eyes/mmproj-f16.gguf");
    const [port = 0] = rig.services.config.slotPorts;
    await rig.services.config.setSlot(port, { model_path: "eyes/seer.gguf" });
    expect((await refusal("eyes/mmproj-f16.gguf")).status).toBe(409);
  });

  it("409: while the settings of another model name it", async () => {
    await rig.place(tiny.text, "small.gguf");
    const draft = { model_path: "small.gguf" };
    await rig.services.config.patch({ models: { large: { draft } } });
    expect(await refusal("small.gguf")).toMatchObject({ status: 409 });
    await rig.services.config.patch({ models: { large: null, small: { draft } } });
    expect((await remove("small.gguf")).status).toBe(200);
  });

  it("409: while the configuration wishes it or its projector", async () => {
    await rig.place(tiny.text, "wished-00001-of-00002.gguf");
    await rig.place(tiny.text, "wished-00002-of-00002.gguf");
    await rig.place(tiny.mmprojVision, "mmproj-eyes.gguf");
    const [port = 0] = rig.services.config.slotPorts;
    await rig.services.config.setSlot(port, {
      model_path: path.join(rig.modelsDir, "wished-00001-of-00002.gguf"),
      mmproj_path: "mmproj-eyes.gguf",
    });
    for (const named of ["wished-00002-of-00002.gguf", "mmproj-eyes.gguf"])
      expect((await refusal(named)).status).toBe(409);
    expect(await rig.files()).toHaveLength(3);
  });
});

describe("a path to delete", () => {
  it.each([
    "../outside/secret.gguf",
    "..",
    ".",
    "sub/../../outside/secret.gguf",
    "notes.txt",
    "a.gguf\0",
    "/etc/passwd",
  ])("400: %j", async (named) => {
    expect(await refusal(named)).toMatchObject({ status: 400, param: "path" });
  });

  it("400: in an extra folder, or through a link to a folder", async () => {
    const extra = path.join(rig.extraDir, "extra.gguf");
    await writeFile(extra, "x");
    await symlink(outside, path.join(rig.modelsDir, "way-out"));
    await symlink(rig.extraDir, path.join(rig.modelsDir, "way-over"));
    for (const named of [
      extra,
      "way-out/secret.gguf",
      "way-over/extra.gguf",
      "way-out/../way-out/secret.gguf",
    ])
      expect(await refusal(named)).toMatchObject({ status: 400, param: "path" });
    expect(await readdir(rig.extraDir)).toEqual(["extra.gguf"]);
    await mkdir(path.join(rig.modelsDir, "folder.gguf"));
    expect((await refusal("folder.gguf")).status).toBe(400);
  });

  it("never reaches anything outside, whatever it is made of", async () => {
    await symlink(outside, path.join(rig.modelsDir, "way-out"));
    await mkdir(path.join(rig.modelsDir, "sub"));
    const parts = [
      "..",
      ".",
      "",
      "sub",
      "way-out",
      "secret.gguf",
      "outside",
      "models",
      "%2f",
      "%2e%2e",
      "\0",
    ];
    const named = fc.oneof(
      fc
        .array(fc.constantFrom(...parts, path.dirname(rig.modelsDir)), { minLength: 1, maxLength: 8 })
        .map((names) => names.join("/"))
        .filter((name) => name !== ""),
      fc.string({ minLength: 1, maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(named, async (name) => {
        expect([400, 404]).toContain((await remove(name)).status);
        expect(await readFile(path.join(outside, "secret.gguf"), "utf8")).toBe("precious");
      }),
      { numRuns: 300 },
    );
  });
});
