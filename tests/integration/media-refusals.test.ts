/** What cannot be used of images and sounds is refused with its place, before an engine sees it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pngBase64, resized, smallImages, wavBase64 } from "../fixtures/media.ts";
import { postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
let key: string;

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, limits: { image_pixels: 400, audio_mb: 0.1 } } });
  await gateway.loadModel(0, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni });
  key = (await gateway.createUser()).apiKey;
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const png = (base64: string) => `data:image/png;base64,${base64}`;
const sound = (data: string, format = "wav") => ({ type: "input_audio", input_audio: { data, format } });
const chatOf = (...content: object[]) => ({ max_tokens: 4, messages: [{ role: "user", content }] });
const image = (url: string) => ({ type: "image_url", image_url: { url } });

const bomb = png(resized("png", 100_000, 100_000).toString("base64"));
const large = pngBase64(21, 20);

test.each<[string, string, object, number, string, RegExp]>([
  [
    "too many pixels",
    "/v1/chat/completions",
    chatOf(image(png(large))),
    400,
    "messages[0].content[0].image_url.url",
    /21 x 20 pixels.*400/,
  ],
  [
    "a bomb",
    "/v1/chat/completions",
    chatOf(image(png(pngBase64())), image(bomb)),
    400,
    "messages[0].content[1].image_url.url",
    /100000 x 100000/,
  ],
  [
    "no image",
    "/v1/chat/completions",
    chatOf(image(png("aGVsbG8="))),
    400,
    "messages[0].content[0].image_url.url",
    /PNG, JPEG/,
  ],
  [
    "no sound",
    "/v1/chat/completions",
    chatOf(sound("aGVsbG8gaGVsbG8gaGVsbG8=")),
    400,
    "messages[0].content[0].input_audio.data",
    /no wav sound/,
  ],
  [
    "a sound of another kind",
    "/v1/chat/completions",
    chatOf(sound(wavBase64(), "mp3")),
    400,
    "messages[0].content[0].input_audio.data",
    /is wav, not mp3/,
  ],
  [
    "a sound that grows",
    "/v1/chat/completions",
    chatOf(sound(wavBase64(1, 1))),
    400,
    "messages[0].content[0].input_audio.data",
    /1 samples a second/,
  ],
  [
    "a large sound",
    "/v1/chat/completions",
    chatOf(sound(wavBase64(4))),
    413,
    "messages[0].content[0].input_audio.data",
    /larger than 0.1 MB/,
  ],
  [
    "too many pixels",
    "/v1/responses",
    { input: [{ role: "user", content: [{ type: "input_image", image_url: bomb }] }] },
    400,
    "input[0].content[0].image_url",
    /pixels/,
  ],
  [
    "too many pixels",
    "/v1/messages",
    {
      max_tokens: 4,
      messages: [
        {
          role: "user",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: large } }],
        },
      ],
    },
    400,
    "messages[0].content[0].source.data",
    /pixels/,
  ],
])("%s, at %s", async (_what, path, body, status, param, message) => {
  for (const stream of [false, true]) {
    const response = await postJson(`${gateway.url}${path}`, key, JSON.stringify({ ...body, stream }));
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { message: string; param?: string } };
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`\`${param}\``);
    if (path !== "/v1/messages") expect(error.param).toBe(param);
  }
});

test.each([
  ["png", pngBase64(20, 20)],
  ["jpeg", smallImages.jpeg],
  ["gif", smallImages.gif],
  ["gif", smallImages.animated],
  ["bmp", smallImages.bmp],
])("a %s within the limits is answered", async (kind, base64) => {
  const body = chatOf(image(`data:image/${kind};base64,${base64}`), sound(wavBase64()));
  const response = await postJson(`${gateway.url}/v1/chat/completions`, key, JSON.stringify(body));
  expect(response.status).toBe(200);
});

test("a WebP, which llama-server does not read, is the client's fault", async () => {
  const body = chatOf(image(`data:image/webp;base64,${smallImages.webp}`));
  const response = await postJson(`${gateway.url}/v1/chat/completions`, key, JSON.stringify(body));
  expect(response.status).toBe(400);
});
