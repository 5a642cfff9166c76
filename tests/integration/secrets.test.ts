/** Secrets stay where they belong: no log, no command line, no engine's environment, no database holds one. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, hello, openStream } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway, type User } from "../harness/gateway.ts";
import { refuses } from "../harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../harness/mock-engine.ts";
import { lineOf, requestLines } from "../harness/observed.ts";
import { environmentOf, processesNaming } from "../harness/processes.ts";

/** Each can be recognised wherever it turns up. */
const canaries = {
  adminKey: "sk-canary-admin-000000000000",
  unknownKey: "sk-canary-unknown-0000000000",
  queryKey: "sk-canary-query-000000000000",
  metricsToken: "canary-metrics-token-0000",
  hubToken: "hf_canaryhubtoken000000",
  sessionSecret: "canary-session-secret-00000000000000000000",
  remoteKey: "canary-remote-key-000000",
  foreignSecret: "canary-foreign-secret-0000",
  prompt: "canary-prompt-of-a-user",
};

let gateway: Gateway;
let engine: MockEngine;
let user: User;
let secrets: string[];

beforeAll(async () => {
  engine = await mockEngine({ apiKey: canaries.remoteKey });
  gateway = await startGateway({
    config: {
      ...unlimited,
      admin_key: canaries.adminKey,
      metrics_token: canaries.metricsToken,
      hf_token: canaries.hubToken,
      session_secret: canaries.sessionSecret,
      log_level: "trace",
    },
    environment: {
      AWS_SECRET_ACCESS_KEY: canaries.foreignSecret,
      HF_TOKEN: canaries.foreignSecret,
      LLAMA_API_KEY: canaries.foreignSecret,
      LLAMA_ARG_API_KEY: canaries.foreignSecret,
      DATABASE_URL: `postgres://user:${canaries.foreignSecret}@localhost/db`,
    },
  });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, {
    remote: { base_url: engine.baseUrl, api_key: canaries.remoteKey, model: "mock" },
  });
  user = await gateway.createUser();
  secrets = [...Object.values(canaries), user.apiKey];
  await useEverything();
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

/** Walks every way on which a secret could slip: success, refusals, failures, admin actions, odd places for a key. */
async function useEverything(): Promise<void> {
  const target = { url: gateway.url, key: user.apiKey };
  const prompted = { messages: [{ role: "user", content: `say ${canaries.prompt}` }], max_tokens: 5 };
  await (await chat(target, { ...prompted, model: "tiny-text" })).text();
  await (await openStream(target, { ...prompted, model: "tiny-text" })).rest();
  engine.behaviour = refuses(500, {
    error: { message: `your key ${canaries.remoteKey} is wrong`, code: 500 },
  });
  await (await chat(target, { ...prompted, model: "mock" })).text();
  await (await chat({ ...target, key: canaries.unknownKey }, hello)).text();
  await (await gateway.fetch(`/v1/models?api_key=${canaries.queryKey}&key=${user.apiKey}`)).text();
  await (await gateway.fetch("/v1/models", { headers: { "x-api-key": user.apiKey } })).text();
  await (await gateway.fetch("/v1/models", { headers: { cookie: `key=${user.apiKey}` } })).text();
  await (await gateway.fetch(`/v1/${canaries.queryKey}`)).text();
  await gateway.admin("PATCH", "config", { hf_token: `${canaries.hubToken}2` });
  await (
    await gateway.adminResponse("PATCH", "config", { hf_token: 5, metrics_token: canaries.metricsToken })
  ).text();
  await gateway.admin("POST", `users/${user.id}/apikey`, { name: "second" });
}

function secretsIn(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

/** Every file of the data folder with its bytes as text, links left out. */
function filesOf(folder: string): { file: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file: path.relative(folder, file), text: readFileSync(file, "latin1") }));
}

test("threat 23: no log line holds a secret or a prompt", async () => {
  const last = await gateway.fetch("/v1/models", { headers: { "x-api-key": user.apiKey } });
  await lineOf(gateway, last.headers.get("x-request-id"));
  expect(requestLines(gateway).length).toBeGreaterThan(5);
  expect(secretsIn(gateway.logs())).toEqual([]);
});

test("threat 23: no key stands in the database or in any file but config.json, which is its owner's alone", () => {
  const files = filesOf(gateway.dataDir);
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(["config.json", "gateway.db"]));
  const leaks = files
    .filter(({ file }) => file !== "config.json")
    .flatMap(({ file, text }) => secretsIn(text).map((secret) => `${file}: ${secret}`));
  expect(leaks).toEqual([]);
  expect(statSync(path.join(gateway.dataDir, "config.json")).mode & 0o777).toBe(0o600);
  expect(files.find(({ file }) => file === "config.json")?.text).not.toContain(user.apiKey);
});

test("threat 19: no process has a secret in its command line", () => {
  const processes = processesNaming(gateway.dataDir);
  expect(processes.length).toBeGreaterThanOrEqual(2);
  expect(processes.flatMap(({ command }) => secretsIn(command))).toEqual([]);
});

test("threat 19: an engine's environment has no secret and nothing of the gateway's", async () => {
  const { pid } = await gateway.slotState(0);
  const environment = environmentOf(pid ?? 0);
  expect(environment.length).toBeGreaterThan(0);
  expect(secretsIn(environment.join("\n"))).toEqual([]);
  expect(environment.filter((entry) => /^(GATEWAY|LLAMA|AWS|HF|DATABASE)_/.test(entry))).toEqual([]);
  const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  expect(argv).not.toContain("--api-key");
});

test("threat 19: an engine asks for a key that no file and no user has", async () => {
  const { pid } = await gateway.slotState(0);
  const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const keyFile = argv[argv.indexOf("--api-key-file") + 1] ?? "";
  expect(keyFile).toContain(gateway.dataDir);
  expect(existsSync(keyFile)).toBe(false);
  for (const key of ["", user.apiKey, gateway.adminKey, canaries.remoteKey]) {
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`http://127.0.0.1:${gateway.slot(0)}/v1/models`, { headers })).status).toBe(401);
  }
});

test("the admin API masks secrets, and a masked value sent back changes nothing", async () => {
  const masked = await gateway.admin<Record<string, unknown>>("GET", "config");
  expect(secretsIn(JSON.stringify(masked))).toEqual([]);
  const before = readFileSync(path.join(gateway.dataDir, "config.json"), "utf8");
  await gateway.admin("PATCH", "config", {
    admin_key: masked.admin_key,
    session_secret: masked.session_secret,
  });
  expect(JSON.parse(readFileSync(path.join(gateway.dataDir, "config.json"), "utf8"))).toEqual(
    JSON.parse(before),
  );
});

test("an engine's refusal does not carry its key to the client", async () => {
  engine.behaviour = refuses(400, {
    error: { message: `your key ${canaries.remoteKey} is wrong`, code: 400 },
  });
  const response = await chat({ url: gateway.url, key: user.apiKey }, { ...hello, model: "mock" });
  expect(secretsIn(await response.text())).toEqual([]);
});
