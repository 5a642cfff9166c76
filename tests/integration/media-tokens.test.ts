/** What images and sounds come to: in the client's answer, and in the usage row. llama-server tells only the sum. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { nestedMp3, pngBase64, smallImages, wavBase64 } from "../fixtures/media.ts";
import { chat, chunksOf, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

/** Of the tiny projectors, whatever the image, and for up to half a minute of sound. */
const tokensPerImage = 16;
const tokensPerSound = 30;

let gateway: Gateway;
let target: { url: string; key: string; userId: number };

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni });
  const user = await gateway.createUser();
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const image = (base64: string, kind = "png") => ({
  type: "image_url",
  image_url: { url: `data:image/${kind};base64,${base64}` },
});
const sound = { type: "input_audio", input_audio: { data: wavBase64(), format: "wav" } };
const nested = {
  type: "input_audio",
  input_audio: { data: nestedMp3(50).toString("base64"), format: "mp3" },
};
const text = { type: "text", text: "describe" };
const png = image(pngBase64());
const jpeg = image(smallImages.jpeg, "jpeg");

const cases: [string, object[], number, number][] = [
  ["an image", [text, png], tokensPerImage, 0],
  ["two images", [png, text, jpeg], 2 * tokensPerImage, 0],
  ["a sound", [text, sound], 0, tokensPerSound],
  ["seven seconds, in which there are frames of two minutes", [text, nested], 0, tokensPerSound],
  ["both", [text, png, sound, jpeg], 2 * tokensPerImage, tokensPerSound],
  ["an image alone", [png], tokensPerImage, 0],
];

test.each(cases)("%s, streamed or not", async (_what, content, imageTokens, audioTokens) => {
  const body = { messages: [{ role: "user", content }], max_tokens: 8, temperature: 0 };
  const details = { image_tokens: imageTokens, audio_tokens: audioTokens };
  const whole = await (await chat(target, body)).json();
  expect(whole.usage.prompt_tokens_details).toEqual({ cached_tokens: expect.any(Number), ...details });
  const stream = await openStream(target, { ...body, stream_options: { include_usage: true } });
  const last = chunksOf(await stream.rest()).at(-1);
  expect(last?.usage).toMatchObject({
    prompt_tokens: whole.usage.prompt_tokens,
    prompt_tokens_details: details,
  });
  for (const row of usageOf(gateway.dataDir, target.userId).slice(-2))
    expect(row).toMatchObject({ ...details, prompt_tokens: whole.usage.prompt_tokens });
});

test("text alone says nothing of them", async () => {
  const whole = await (await chat(target, { messages: [{ role: "user", content: "hello" }] })).json();
  expect(whole.usage.prompt_tokens_details).toEqual({ cached_tokens: expect.any(Number) });
  expect(usageOf(gateway.dataDir, target.userId).at(-1)).toMatchObject({ image_tokens: 0, audio_tokens: 0 });
});

test.each([
  [
    "/v1/responses",
    {
      input: [{ role: "user", content: [{ type: "input_image", image_url: png.image_url.url }, sound] }],
      max_output_tokens: 8,
    },
  ],
  [
    "/v1/messages",
    {
      max_tokens: 8,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: pngBase64() } },
          ],
        },
      ],
    },
  ],
])("%s counts them in its row as well", async (path, body) => {
  const headers = { authorization: `Bearer ${target.key}`, "content-type": "application/json" };
  const response = await gateway.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  await response.text();
  expect(usageOf(gateway.dataDir, target.userId).at(-1)).toMatchObject({
    image_tokens: tokensPerImage,
    audio_tokens: path === "/v1/responses" ? tokensPerSound : 0,
  });
});
