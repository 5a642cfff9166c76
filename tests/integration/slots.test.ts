/** Loading, unloading, restarting and looking at slots through the admin API, with real engines. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, openStream, sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { isFree } from "../harness/port.ts";
import { isAlive } from "../harness/processes.ts";
import { waitFor } from "../harness/wait.ts";

let gateway: Gateway;
let target: { url: string; key: string };

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

test("there are seven, empty at first", async () => {
  const slots = await gateway.slots();
  expect(slots.map(({ port, status, pid }) => ({ port, status, pid }))).toEqual(
    gateway.slotPorts.map((port) => ({ port, status: "empty", pid: null })),
  );
});

test.each([
  ["text", {}, "text", ["text"]],
  ["text", { mmproj_path: modelFiles.mmprojVision }, "vision", ["text", "image"]],
  ["text", { mmproj_path: modelFiles.mmprojOmni }, "omni", ["text", "image", "audio"]],
  ["embed", {}, "embedding", ["embedding"]],
  ["rerank", {}, "embedding", ["rerank"]],
] as const)("%s with %o loads as %s", async (name, options, type, capabilities) => {
  const loaded = await gateway.loadModel(6, { model_path: modelFiles[name], ...options });
  expect(loaded).toMatchObject({ status: "loaded", slot: gateway.slot(6), model_type: type });
  const slot = await gateway.slotState(6);
  expect(slot).toMatchObject({ status: "ready", model_type: type, pid: loaded.pid });
  expect([...slot.capabilities].sort()).toEqual([...capabilities].sort());
  await gateway.admin("POST", `slots/${gateway.slot(6)}/unload`);
  expect(isAlive(loaded.pid ?? 0)).toBe(false);
  expect(await isFree(gateway.slot(6))).toBe(true);
});

test("a model that is loaded answers, is listed, and is gone once unloaded", async () => {
  await gateway.loadModel(0, { model_path: modelFiles.text });
  const list = (await (
    await gateway.fetch("/v1/models", { headers: { authorization: `Bearer ${target.key}` } })
  ).json()) as {
    data: Record<string, unknown>[];
  };
  expect(list.data.find(({ id }) => id === "tiny-text")).toMatchObject({
    object: "model",
    type: "text",
    capabilities: ["text"],
    status: "ready",
    context_length: 8192,
  });
  expect(await (await chat(target, { ...hello, model: "tiny-text" })).text()).toContain(sentence);
  await gateway.admin("POST", `slots/${gateway.slot(0)}/unload`);
  expect(await gateway.slotState(0)).toMatchObject({ status: "empty", pid: null, model_name: null });
});

test("unloading lets a running stream finish", async () => {
  const { pid } = await gateway.loadModel(1, { model_path: modelFiles.smol, ctx_size: 2048, parallel: 2 });
  const stream = await openStream(target, {
    model: "SmolLM2-135M-Instruct",
    messages: [{ role: "user", content: "Tell a long story." }],
    logit_bias: { 0: -100, 2: -100 },
    max_tokens: 80,
  });
  await stream.next();
  const unloaded = gateway.admin("POST", `slots/${gateway.slot(1)}/unload`);
  await gateway.waitForStatus(1, "draining", 2000);
  expect((await stream.rest()).at(-1)).toBe("[DONE]");
  await unloaded;
  await waitFor("the engine to end", () => !isAlive(pid ?? 0));
});

test("a restart gives a new process that answers", async () => {
  const { pid } = await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.admin("POST", `slots/${gateway.slot(0)}/restart`);
  const slot = await gateway.waitForStatus(0, "ready");
  expect(slot.pid).not.toBe(pid);
  expect(await (await chat(target, { ...hello, model: "tiny-text" })).text()).toContain(sentence);
  expect((await gateway.slotLogs(0)).join("\n")).toMatch(/\S/);
});

test("seven slots run at once, and all answer", async () => {
  for (let index = 0; index < 7; index++)
    if ((await gateway.slotState(index)).status === "empty")
      await gateway.loadModel(index, { model_path: modelFiles.text, ctx_size: 512, parallel: 1 });
  expect((await gateway.slots()).map(({ status }) => status)).toEqual(Array(7).fill("ready"));
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await chat(target, { ...hello, model: "tiny-text" })).text()),
  );
  for (const answer of answers) expect(answer).toContain(sentence);
  expect(await (await gateway.fetch("/health")).json()).toMatchObject({ status: "ok", active_slots: 7 });
  await gateway.admin("POST", `slots/${gateway.slot(2)}/unload`);
});

test("a slot that is in use refuses another model", async () => {
  const other = { slot: gateway.slot(0), model_path: modelFiles.think };
  const response = await gateway.adminResponse("POST", "slots/load", other);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ error: { type: "conflict_error" } });
  expect((await gateway.slotState(0)).model_name).toBe("tiny-text");
});

test.each([
  ["a slot that does not exist", { slot: 1, model_path: modelFiles.text }, 400, 404],
  ["no model", {}, 400, 400],
  ["a file that does not exist", { model_path: "nothing.gguf" }, 400, 404],
  ["a path out of the models folder", { model_path: "../config.json" }, 400, 400],
  ["a path to somewhere else", { model_path: "/etc/passwd" }, 400, 400],
  ["a path with a NUL", { model_path: "a\0.gguf" }, 400, 400],
  ["a remote that does not answer", { remote: { base_url: "http://127.0.0.1:9/v1", model: "a" } }, 400, 503],
])("loading %s is refused", async (_name, fields, least, most) => {
  const response = await gateway.adminResponse("POST", "slots/load", { slot: gateway.slot(2), ...fields });
  expect(response.status).toBeGreaterThanOrEqual(least);
  expect(response.status).toBeLessThanOrEqual(most);
  expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
});

test("the models folder is listed with facts from the files' headers", async () => {
  const { models } = await gateway.admin<{ models: Record<string, unknown>[] }>("GET", "models/local");
  const found = (name: string) => models.find((model) => model.name === name);
  expect(found("tiny-text")).toMatchObject({
    detected_type: "text",
    architecture: "llama",
    context_length: 8192,
  });
  expect(found("tiny-embed")).toMatchObject({ detected_type: "embedding", architecture: "bert" });
  expect(found("SmolLM2-135M-Instruct")).toMatchObject({ detected_type: "text", architecture: "llama" });
  expect(Number(found("SmolLM2-135M-Instruct")?.size_mb)).toBeGreaterThan(80);
});
