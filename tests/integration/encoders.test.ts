/** `/v1/embeddings` and `/v1/rerank` on real encoders. */
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { postJson } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { usageOf } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

const pricing = { input_per_1k: 0.001, output_per_1k: 0.003 };

let gateway: Gateway;
let target: { url: string; key: string; userId: number };
let openai: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ config: { ...unlimited, pricing } });
  await Promise.all([
    gateway.loadModel(0, { model_path: modelFiles.embed }),
    gateway.loadModel(1, { model_path: modelFiles.rerank }),
    gateway.loadModel(2, { model_path: modelFiles.text }),
  ]);
  const user = await gateway.createUser({ balance: 1 });
  target = { url: gateway.url, key: user.apiKey, userId: user.id };
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: user.apiKey, maxRetries: 0 });
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function post(path: string, body: object) {
  const response = await postJson(`${target.url}${path}`, target.key, JSON.stringify(body));
  return { status: response.status, json: await response.json() };
}

test("OpenAI's SDK gets the same vectors as numbers and as base64, and pays for the prompt", async () => {
  const input = ["hello world", "one two three"];
  const model = "text-embedding-3-small"; // An alias for whichever model can do it.
  const floats = await openai.embeddings.create({ model, input, encoding_format: "float" });
  const decoded = await openai.embeddings.create({ model, input }); // The SDK asks for base64 by itself.
  expect(floats.data).toHaveLength(2);
  for (const [index, row] of decoded.data.entries())
    for (const [place, value] of row.embedding.entries())
      expect(value).toBeCloseTo(floats.data[index]?.embedding[place] ?? Number.NaN, 5);
  expect(floats.model).toBe("tiny-embed");
  expect(floats.usage.prompt_tokens).toBeGreaterThan(0);
  const rows = usageOf(gateway.dataDir, target.userId);
  expect(rows.at(-1)).toMatchObject({
    endpoint: "embeddings",
    prompt_tokens: floats.usage.prompt_tokens,
    completion_tokens: 0,
    cost_nanos: floats.usage.prompt_tokens * 1_000,
    outcome: "ok",
  });
});

test("token ids give what their text gives", async () => {
  const one = await post("/v1/embeddings", { input: [[1, 2, 3], [4]] });
  expect(one.json.data).toHaveLength(2);
  const flat = await post("/v1/embeddings", { input: [1, 2, 3] });
  expect(flat.json.data).toHaveLength(1);
  expect(flat.json.data[0].embedding).toEqual(one.json.data[0].embedding);
});

test("`dimensions` shortens, and more than there are is the client's fault", async () => {
  const whole = await post("/v1/embeddings", { input: "hello" });
  const [{ embedding }] = whole.json.data;
  const cut = await post("/v1/embeddings", { input: "hello", dimensions: 8 });
  expect(cut.json.data[0].embedding).toHaveLength(8);
  expect(Math.hypot(...cut.json.data[0].embedding)).toBeCloseTo(1, 6);
  const beyond = await post("/v1/embeddings", { input: "hello", dimensions: embedding.length + 1 });
  expect(beyond).toMatchObject({ status: 400, json: { error: { param: "dimensions" } } });
});

test.each([
  ["too long an input", { input: "word ".repeat(20_000) }],
  ["a token id that the model does not have", { input: [2_000_000_000] }],
  ["a text model", { input: "a", model: "tiny-text" }],
])("%s is the client's fault, and the engine goes on", async (_name, body) => {
  const { pid } = await gateway.slotState(0);
  const { status, json } = await post("/v1/embeddings", body);
  expect({ status, type: json.error.type }).toEqual({ status: 400, type: "invalid_request_error" });
  expect((await post("/v1/embeddings", { input: "a" })).status).toBe(200);
  expect(await gateway.slotState(0)).toMatchObject({ status: "ready", pid });
});

test.each([
  ["/v1/embeddings", "input", { input: "word ".repeat(2_000) }],
  ["/v1/rerank", "documents", { query: "hello", documents: ["word ".repeat(2_000)] }],
])("%s says that `%s` is too long, and by how much", async (path, param, body) => {
  const { status, json } = await post(path, body);
  expect({ status, ...json.error }).toMatchObject({ status: 400, code: "context_length_exceeded", param });
  expect(json.error.message).toMatch(/at most \d+ tokens .* comes to 800\d/);
});

test("documents come in the order of their relevance, with as many as are asked for", async () => {
  const documents = ["one two", { text: "hello world" }, "three"];
  const all = await post("/v1/rerank", { query: "hello", documents });
  expect(all.status).toBe(200);
  const scores = all.json.results.map((result: { relevance_score: number }) => result.relevance_score);
  expect(scores).toEqual([...scores].sort((one, other) => other - one));
  expect(new Set(all.json.results.map((result: { index: number }) => result.index))).toEqual(
    new Set([0, 1, 2]),
  );
  const best = await post("/v1/rerank", { query: "hello", documents, top_n: 1, return_documents: true });
  expect(best.json.results).toEqual([{ ...all.json.results[0], document: { text: expect.any(String) } }]);
  const rows = usageOf(gateway.dataDir, target.userId);
  expect(rows.at(-1)).toMatchObject({ endpoint: "rerank", prompt_tokens: best.json.usage.prompt_tokens });
});

test("a client that leaves owes an estimate, marked as such", async () => {
  const client = new AbortController();
  const body = JSON.stringify({ input: Array(400).fill("word ".repeat(100)) });
  const asked = postJson(`${target.url}/v1/embeddings`, target.key, body, client.signal);
  setTimeout(() => client.abort(), 50);
  await expect(asked).rejects.toThrow();
  await expect
    .poll(() => usageOf(gateway.dataDir, target.userId).at(-1), { timeout: 10_000 })
    .toMatchObject({ endpoint: "embeddings", outcome: "client_left", estimated: 1 });
});
