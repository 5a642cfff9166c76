/** Threat 16: images by address. A canary on this machine is never asked, whatever a client writes and wherever. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pngBase64 } from "../fixtures/media.ts";
import { postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let hits = 0;
const canary = createServer((_request, response) => {
  hits++;
  response.end(Buffer.from(pngBase64(), "base64"));
});
let port = 0;
let gateway: Gateway;
let user: { id: number; apiKey: string };

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, resolve)); // Every address of this machine.
  ({ port } = canary.address() as AddressInfo);
  gateway = await startGateway({ config: { ...unlimited, limits: { remote_images: true } } });
  await gateway.loadModel(0, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni });
  user = await gateway.createUser();
});
afterAll(async () => {
  canary.close();
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  hits = 0;
});

interface Api {
  path: string;
  body(url: string): object;
  param: string;
}

const text = { type: "text", text: "what is this?" };
const apis: Record<string, Api> = {
  chat: {
    path: "/v1/chat/completions",
    body: (url) => ({
      max_tokens: 4,
      messages: [{ role: "user", content: [text, { type: "image_url", image_url: { url } }] }],
    }),
    param: "messages[0].content[1].image_url.url",
  },
  responses: {
    path: "/v1/responses",
    body: (url) => ({
      max_output_tokens: 4,
      input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }],
    }),
    param: "input[0].content[0].image_url",
  },
  messages: {
    path: "/v1/messages",
    body: (url) => ({
      max_tokens: 4,
      messages: [
        { role: "user", content: [text] },
        { role: "user", content: [{ type: "image", source: { type: "url", url } }] },
      ],
    }),
    param: "messages[1].content[0].source.url",
  },
};

async function ask({ path, body }: Api, url: string, more: object = {}) {
  const response = await postJson(gateway.url + path, user.apiKey, JSON.stringify({ ...body(url), ...more }));
  const answer = await response.text();
  const error = response.ok ? null : (JSON.parse(answer).error as { message: string; param?: string });
  return { status: response.status, error };
}

const tricks = () => [
  "127.0.0.1",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "a.localhost",
  "a.b.localhost.",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "017700000001",
  "0",
  "0.0.0.0",
  "127.0.0.1.",
  "127.127.127.127",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "①②⑦.⓪.⓪.①",
  "127。0。0。1",
  "127．0．0．1",
  "１２７.0.0.1",
  "%31%32%37.0.0.1",
  "loc%61lhost",
  "ⓛocalhost",
  "user@127.0.0.1",
  "user:password@localhost",
  "example.com@127.0.0.1",
  "169.254.169.254",
  "no-such-name.invalid",
];

describe("with images by address allowed", () => {
  test("every way to name this machine is refused, in the same words", async () => {
    const chat = apis.chat as Api;
    const urls = tricks().map((host) => `http://${host}:${port}/a.png`);
    const answers = await Promise.all(urls.map((url) => ask(chat, url)));
    for (const [index, { status, error }] of answers.entries()) {
      expect({ status, param: error?.param }, urls[index]).toEqual({ status: 400, param: chat.param });
      expect(error?.message, urls[index]).toMatch(/is not at a public address|without a user name/);
    }
    expect(urls.length).toBeGreaterThanOrEqual(25);
    expect(hits).toBe(0);
  });

  test.each(Object.entries(apis))("%s names the field, streamed or not", async (_name, api) => {
    for (const stream of [false, true]) {
      const { status, error } = await ask(api, `https://localhost:${port}/`, { stream });
      expect(status).toBe(400);
      expect(error?.message).toContain(`\`${api.param}\` is not at a public address`);
    }
    expect(hits).toBe(0);
  });

  test("what was refused is settled as refused, and holds nothing", async () => {
    const poor = await gateway.createUser({ tier: "payg", balance: 0.2 });
    for (let round = 0; round < 5; round++) {
      const body = JSON.stringify(apis.chat?.body(`http://127.0.0.1:${port}/`));
      expect((await postJson(`${gateway.url}/v1/chat/completions`, poor.apiKey, body)).status).toBe(400);
    }
    const rows = usageOf(gateway.dataDir, poor.id);
    expect(rows).toHaveLength(5);
    for (const row of rows)
      expect(row).toMatchObject({ outcome: "refused", http_status: 400, prompt_tokens: 0, cost_nanos: 0 });
    const { data } = await gateway.admin<{ data: { id: number; balance: number }[] }>("GET", "users");
    expect(data.find(({ id }) => id === poor.id)?.balance).toBe(0.2);
  });

  test("33 of them are too many", async () => {
    const image = { type: "image_url", image_url: { url: "http://images.invalid/" } };
    const body = { messages: [{ role: "user", content: Array(33).fill(image) }] };
    const response = await postJson(`${gateway.url}/v1/chat/completions`, user.apiKey, JSON.stringify(body));
    expect(await response.json()).toMatchObject({
      error: {
        param: "messages[0].content[32].image_url.url",
        message: expect.stringContaining("at most 32"),
      },
    });
  });

  test("an image in the request itself is answered as ever", async () => {
    expect((await ask(apis.chat as Api, `data:image/png;base64,${pngBase64()}`)).status).toBe(200);
  });
});

describe("without", () => {
  beforeAll(async () => {
    await gateway.admin("PATCH", "config", { limits: { remote_images: false } });
  });

  test.each(Object.entries(apis))("%s says that the operator did not allow it", async (_name, api) => {
    const { status, error } = await ask(api, `http://127.0.0.1:${port}/a.png`);
    expect(status).toBe(400);
    expect(error?.message).toContain(`\`${api.param}\` is an address, and the operator does not allow`);
    expect(error?.message).toContain("data: URL");
    expect(hits).toBe(0);
  });
});
