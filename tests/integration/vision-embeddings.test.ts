/** Vectors of images, from a real model that sees. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pngBase64, resized, smallImages } from "../fixtures/media.ts";
import { postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };
const model = "tiny-omni";
/** Of the tiny projector, whatever the image. */
const tokensPerImage = 16;

let gateway: Gateway;
let user: { id: number; apiKey: string };

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await gateway.loadModel(0, { model_path: modelFiles.embed });
  user = await gateway.createUser({ balance: 5 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

const imageOf = (base64: string, kind = "png") => ({
  type: "image_url",
  image_url: { url: `data:image/${kind};base64,${base64}` },
});
const text = (words: string) => ({ type: "text", text: words });
const grey = imageOf(pngBase64(24, 16));
const other = imageOf(smallImages.bmp.replace(/.{400}$/, "A".repeat(400)), "bmp");

interface Answer {
  data: { embedding: number[]; index: number }[];
  model: string;
  usage: { prompt_tokens: number };
  error: { message: string; param: string | null };
}

async function embed(input: unknown, more: object = {}): Promise<{ status: number } & Answer> {
  const body = JSON.stringify({ model, input, ...more });
  const response = await postJson(`${gateway.url}/v1/embeddings`, user.apiKey, body);
  return { status: response.status, ...((await response.json()) as Answer) };
}

test("where no model sees, the answer says which type to load", async () => {
  expect(await embed([grey], { model: "auto" })).toMatchObject({
    status: 404,
    error: { param: "model", message: expect.stringContaining("a model of type vision-embedding") },
  });
  expect(await embed([grey], { model: "tiny-embed" })).toMatchObject({
    status: 400,
    error: { param: "model", message: expect.stringContaining("a model of type vision-embedding") },
  });
});

describe("with a model that does", () => {
  beforeAll(async () => {
    const loaded = await gateway.loadModel(1, {
      model_path: modelFiles.omni,
      mmproj_path: modelFiles.mmprojVision,
      model_type: "vision-embedding",
    });
    expect(loaded.model_type).toBe("vision-embedding");
  });

  test("the same image has the same vector, another one another, and the tokens are paid for", async () => {
    const { data, usage, model: named } = await embed([grey, grey, other, "hello", text("hello")]);
    const vectors = data.map(({ embedding }) => embedding);
    expect(vectors[1]).toEqual(vectors[0]);
    expect(vectors[2]).not.toEqual(vectors[0]);
    expect(vectors[4]).toEqual(vectors[3]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    expect(named).toBe(model);
    expect(usage.prompt_tokens).toBeGreaterThan(3 * tokensPerImage);
    expect(usageOf(gateway.dataDir, user.id).at(-1)).toMatchObject({
      endpoint: "embeddings",
      outcome: "ok",
      prompt_tokens: usage.prompt_tokens,
      cost_nanos: usage.prompt_tokens * 1_000,
      image_tokens: 3 * tokensPerImage,
    });
  });

  test("the tokens of images are told apart in the row, wherever texts stand beside them", async () => {
    for (const input of [
      [grey],
      ["hello world", [text("hello "), grey, text(" world"), other, text("!")], text("a")],
    ]) {
      await embed(input);
      const images = input.length === 1 ? 1 : 2;
      expect(usageOf(gateway.dataDir, user.id).at(-1)).toMatchObject({
        image_tokens: images * tokensPerImage,
      });
    }
    await embed(["hello", text("world")]);
    expect(usageOf(gateway.dataDir, user.id).at(-1)).toMatchObject({ outcome: "ok", image_tokens: 0 });
  });

  test("a text is what it was without images beside it, and an image with a text is one vector", async () => {
    const alone = await embed(["hello world"]);
    const { data } = await embed(["hello world", [text("hello"), grey], [grey, text("hello")], [grey]]);
    expect(data).toHaveLength(4);
    expect(data[0]?.embedding).toEqual(alone.data[0]?.embedding);
    expect(new Set(data.map(({ embedding }) => JSON.stringify(embedding))).size).toBe(4);
  });

  test("OpenAI's SDK sends it as it is, and vectors may be shortened", async () => {
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: user.apiKey, maxRetries: 0 });
    const input = [grey] as unknown as string[]; // Its types know no images.
    const { data } = await openai.embeddings.create({ model, input, dimensions: 8 });
    expect(data[0]?.embedding).toHaveLength(8);
  });

  test.each<[string, unknown, string]>([
    ["no image", [imageOf("aGVsbG8=")], "input[0].image_url.url"],
    ["an image that is no base64", ["a", [text("a"), imageOf("%%%%")]], "input[1][1].image_url.url"],
    [
      "too many pixels",
      [grey, imageOf(resized("png", 100_000, 100_000).toString("base64"))],
      "input[1].image_url.url",
    ],
    [
      "an address",
      [{ type: "image_url", image_url: { url: "http://127.0.0.1/" } }],
      "input[0].image_url.url",
    ],
    ["a sound", [{ type: "input_audio", input_audio: { data: "", format: "wav" } }], "input[0].type"],
    [
      "an engine's own form",
      [{ prompt_string: "a<__media__>", multimodal_data: [pngBase64()] }],
      "input[0].type",
    ],
    ["an engine's own form in a list", [[{ prompt_string: "a", multimodal_data: [] }]], "input[0][0].type"],
    ["token ids beside images", [grey, [1, 2]], "input[1][0]"],
    ["an empty list of parts", [grey, []], "input[1]"],
  ])("%s is refused, with its place", async (_what, input, param) => {
    expect(await embed(input)).toMatchObject({ status: 400, error: { param } });
  });

  test("nothing a client writes beside its parts reaches the engine, and half an image is the client's fault", async () => {
    const { pid } = await gateway.slotState(1);
    const sneaky = { ...grey, prompt_string: "<__media__>", multimodal_data: ["AAAA"] };
    expect((await embed([sneaky])).data[0]?.embedding).toEqual((await embed([grey])).data[0]?.embedding);
    const half = imageOf(pngBase64(64, 64).slice(0, 60));
    expect(await embed([half])).toMatchObject({ status: 400 });
    expect(await embed(["<__media__>", grey])).toMatchObject({ status: 200 });
    expect(await gateway.slotState(1)).toMatchObject({ status: "ready", pid });
  });
});
