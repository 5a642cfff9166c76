/** Which model answers, with several loaded. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pngBase64, wavBase64 } from "../fixtures/media.ts";
import { chat, hello } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pngBase64()}` } };
const sound = { type: "input_audio", input_audio: { data: wavBase64(), format: "wav" } };
const withPart = (part: object) => [{ role: "user", content: [{ type: "text", text: "describe" }, part] }];

let gateway: Gateway;
let target: { url: string; key: string };

beforeAll(async () => {
  const aliases = { "gpt-4o": "auto", mini: "tiny-think" };
  gateway = await startGateway({ config: { ...unlimited, aliases, auto_load: { enabled: false } } });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni });
  await gateway.loadModel(2, { model_path: modelFiles.think });
  await gateway.loadModel(3, { model_path: modelFiles.embed });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function ask(body: object) {
  const response = await chat(target, { max_tokens: 5, ...hello, ...body });
  const answer = (await response.json()) as {
    model?: string;
    error?: { message: string; code: string; param: string };
  };
  return { status: response.status, model: answer.model, error: answer.error };
}

test.each([
  ["its id", "tiny-text", "tiny-text"],
  ["its id in other letters", "TINY-Text", "tiny-text"],
  ["its file's name", "tiny-text.gguf", "tiny-text"],
  ["an alias", "mini", "tiny-think"],
  ["a part of its name", "think", "tiny-think"],
])("a model answers to %s", async (_how, model, expected) => {
  expect(await ask({ model })).toMatchObject({ status: 200, model: expected });
});

test.each([undefined, "auto", "default", "gpt-4o"])(
  "with model %s, what the request holds decides",
  async (model) => {
    expect((await ask({ model })).status).toBe(200);
    expect(await ask({ model, messages: withPart(image) })).toMatchObject({
      status: 200,
      model: "tiny-omni",
    });
    expect(await ask({ model, messages: withPart(sound) })).toMatchObject({
      status: 200,
      model: "tiny-omni",
    });
  },
);

test("a name that fits several is refused and lists them", async () => {
  const { status, error } = await ask({ model: "tiny" });
  expect(status).toBe(404);
  expect(error).toMatchObject({ code: "model_not_found", param: "model" });
  for (const name of ["tiny-text", "tiny-omni", "tiny-think"]) expect(error?.message).toContain(name);
});

test("an unknown name is refused, never swapped", async () => {
  expect(await ask({ model: "claude-unknown" })).toMatchObject({
    status: 404,
    error: { code: "model_not_found" },
  });
});

test("a model that cannot do it is refused with what could", async () => {
  const seeing = await ask({ model: "tiny-text", messages: withPart(image) });
  expect(seeing).toMatchObject({ status: 400, error: { param: "model" } });
  expect(seeing.error?.message).toMatch(/image|vision/);
  expect(await ask({ model: "tiny-embed" })).toMatchObject({ status: 400 });
});
