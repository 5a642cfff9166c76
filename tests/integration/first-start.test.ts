/** What a first start makes, what a later one finds, and what survives. */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chat, hello, sentence } from "../harness/chat.ts";
import { modelFiles, temporaryFolder } from "../harness/data-folder.ts";
import { type Gateway, type GatewayOptions, launchGateway, startGateway } from "../harness/gateway.ts";
import { freePorts } from "../harness/port.ts";
import { waitFor } from "../harness/wait.ts";

let dataDir: string;
let slotPorts: number[];
const gateways: Gateway[] = [];

beforeEach(async () => {
  dataDir = await temporaryFolder();
  slotPorts = await freePorts(7);
});
afterEach(async () => {
  try {
    for (const gateway of gateways.splice(0).reverse()) await gateway[Symbol.asyncDispose]();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

async function start(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await startGateway({ dataDir, slotPorts, ...options });
  gateways.push(gateway);
  return gateway;
}

async function readConfig(): Promise<{ admin_key: string; slots: Record<string, unknown> }> {
  return JSON.parse(await readFile(path.join(dataDir, "config.json"), "utf8"));
}

test("the first start makes a private config and shows the admin key once", async () => {
  const first = await start({ firstStart: true });
  const { admin_key: adminKey, slots } = await readConfig();
  expect((await stat(path.join(dataDir, "config.json"))).mode & 0o777).toBe(0o600);
  expect(Object.keys(slots)).toEqual(slotPorts.map(String));
  await waitFor("the banner", () => first.logs().includes(`${first.url}/v1/chat/completions`));
  expect(first.logs()).toContain(adminKey);
  expect(first.logs()).toContain(first.url);
  expect((await first.fetch("/v1/models", { headers: { authorization: `Bearer ${adminKey}` } })).status).toBe(
    200,
  );
  expect(await first.stop()).toBe(0);
  const second = await start();
  await waitFor("the banner", () => second.logs().includes(second.url));
  expect(second.logs()).not.toContain(adminKey);
  expect((await second.adminResponse("GET", "slots")).status).toBe(200);
});

test("the first start puts the starter model into the first slot, and it answers", async () => {
  const gateway = await start({ firstStart: true, environment: { GATEWAY_STARTER: "on" } });
  const { admin_key: key, slots } = await readConfig();
  expect(slots[String(slotPorts[0])]).toMatchObject({
    model_path: expect.stringContaining("SmolLM2-135M-Instruct"),
  });
  const answer = await waitFor(
    "an answer",
    async () => {
      const response = await chat({ url: gateway.url, key }, { messages: hello.messages, max_tokens: 8 });
      return response.ok ? ((await response.json()) as { model: string }) : false;
    },
    { timeoutMs: 20_000 },
  );
  expect(answer.model).toBe("SmolLM2-135M-Instruct");
});

test("GATEWAY_ADMIN_KEY wins, is not written down, and ends with the environment", async () => {
  const fromEnvironment = "sk-from-the-environment-0000";
  const first = await start({ firstStart: true, environment: { GATEWAY_ADMIN_KEY: fromEnvironment } });
  const statusWith = async (gateway: Gateway, key: string) =>
    (await gateway.fetch("/admin/api/slots", { headers: { authorization: `Bearer ${key}` } })).status;
  expect(await statusWith(first, fromEnvironment)).toBe(200);
  expect(first.logs()).not.toContain(fromEnvironment);
  const text = await readFile(path.join(dataDir, "config.json"), "utf8");
  expect(text).not.toContain(fromEnvironment);
  await first.stop();
  const second = await start();
  expect(await statusWith(second, fromEnvironment)).toBe(401);
  expect(await statusWith(second, (await readConfig()).admin_key)).toBe(200);
});

test("loaded models are there again after a restart, unloaded ones are not", async () => {
  const first = await start({ firstStart: true });
  const before = await first.loadModel(0, { model_path: modelFiles.text, ctx_size: 1024, parallel: 2 });
  await first.loadModel(1, { model_path: modelFiles.think });
  await first.admin("POST", `slots/${first.slot(1)}/unload`);
  expect(await first.stop()).toBe(0);
  const second = await start();
  const slot = await second.waitForStatus(0, "ready");
  expect(slot).toMatchObject({ model_name: before.model, ctx_size: 1024, parallel: 2 });
  expect((await second.slotState(1)).status).toBe("empty");
  const response = await chat({ url: second.url, key: second.adminKey }, { ...hello, model: before.model });
  expect(await response.text()).toContain(sentence);
});

test("a config edited by hand takes effect, and a wrong one does not", async () => {
  const gateway = await start({ firstStart: true });
  const config = await readConfig();
  const file = path.join(dataDir, "config.json");
  const slots = { ...config.slots, [gateway.slot(0)]: { model_path: modelFiles.text } };
  await writeFile(file, JSON.stringify({ ...config, slots }));
  await gateway.waitForStatus(0, "ready");
  await writeFile(file, '{"slots": ');
  await waitFor("the mistake to be named", () => gateway.logs().includes("config.json"));
  await writeFile(file, JSON.stringify({ ...config, slots, rate_limits: { payg: -5 } }));
  await waitFor("the wrong value to be named", () => gateway.logs().includes("rate_limits.payg"));
  expect((await gateway.slotState(0)).status).toBe("ready");
});

test("a start with a wrong config ends with code 1 and names the value", async () => {
  await writeFile(path.join(dataDir, "config.json"), JSON.stringify({ drain_s: "long" }));
  const gateway = await launchGateway({ dataDir, slotPorts });
  gateways.push(gateway);
  expect(await gateway.exited).toBe(1);
  expect(gateway.logs()).toContain("drain_s");
});
