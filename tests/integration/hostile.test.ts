/** No request can end or stop an engine: each of these is answered quickly, and the engine stays the same process. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chat, hello, sentence } from "../harness/chat.ts";
import { modelFiles, unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import type { HostileCase } from "./hostile/case.ts";
import { hostileCases } from "./hostile/index.ts";

/** Slower than this on an idle machine, a request would stop the others as well. */
const quickMs = 5_000;

let gateway: Gateway;
let target: { url: string; key: string };

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  await gateway.loadModel(0, { model_path: modelFiles.text });
  await gateway.loadModel(1, { model_path: modelFiles.omni, mmproj_path: modelFiles.mmprojOmni });
  target = { url: gateway.url, key: (await gateway.createUser()).apiKey };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

async function enginePids(): Promise<(number | null)[]> {
  return (await gateway.slots()).slice(0, 2).map((slot) => slot.pid);
}

async function send(
  { body, headers }: HostileCase,
  stream: boolean,
): Promise<{ status: number; text: string }> {
  const raw = typeof body === "string" || Buffer.isBuffer(body);
  const sent = raw ? body : JSON.stringify(stream ? { ...(body as object), stream: true } : body);
  const response = await fetch(`${target.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.key}`, "content-type": "application/json", ...headers },
    body: sent as BodyInit,
  });
  return { status: response.status, text: await response.text() };
}

/** An engine that the case before has ended or stopped is up again, so that each case answers for itself. */
async function enginesAreReady(): Promise<void> {
  for (const [index, model] of ["tiny-text", "tiny-omni"].entries()) {
    const answer = await chat(target, { ...hello, model }, AbortSignal.timeout(1000)).catch(() => null);
    if (answer?.status === 200) continue;
    await gateway.admin("POST", `slots/${gateway.slot(index)}/restart`);
    await gateway.waitForStatus(index, "ready");
  }
}

async function expectHarmless(one: HostileCase, stream: boolean): Promise<void> {
  await enginesAreReady();
  const pids = await enginePids();
  const startedMs = performance.now();
  const attack = send(one, stream);
  const bystander = chat(target, { ...hello, model: "tiny-text" });
  const { status, text } = await attack;
  expect(performance.now() - startedMs, "how long the attack took").toBeLessThan(one.withinMs ?? quickMs);
  const shown = `${status} ${text.slice(0, 300)}`;
  expect(status === 200 || (status >= 400 && status < 500), shown).toBe(true);
  if (status !== 200)
    expect(JSON.parse(text), shown).toMatchObject({
      error: { message: expect.any(String), type: "invalid_request_error" },
    });
  if (status === 200 && stream) expect(text.trimEnd().split("\n").at(-1), shown).toBe("data: [DONE]");
  expect(await enginePids()).toEqual(pids);
  expect(await (await bystander).text()).toContain(sentence);
  expect(performance.now() - startedMs, "how long a bystander took").toBeLessThan(quickMs);
}

test("the corpus is as large as it should be", () => {
  expect(Object.values(hostileCases).flat().length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(hostileCases))("threats 4 and 20: %s", (_class, cases) => {
  test.each(cases)(
    "$name",
    async (one) => {
      await expectHarmless(one, false);
      const isChat = typeof one.body === "object" && !Buffer.isBuffer(one.body);
      if (isChat && !("stream" in (one.body as object))) await expectHarmless(one, true);
    },
    60_000,
  );
});

test("threat 16: no address in a request is ever fetched", async () => {
  let hits = 0;
  const canary = createServer((_request, response) => {
    hits++;
    response.end();
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const { port } = canary.address() as AddressInfo;
  try {
    for (const url of [
      `http://127.0.0.1:${port}/a.png`,
      `http://localhost:${port}/`,
      `HTTP://2130706433:${port}/`,
    ]) {
      const content = [{ type: "image_url", image_url: { url } }];
      const response = await chat(target, { model: "tiny-omni", messages: [{ role: "user", content }] });
      expect(response.status).toBe(400);
    }
    expect(hits).toBe(0);
  } finally {
    canary.close();
  }
});

test("afterwards both engines still answer, and the gateway logged no error of its own", async () => {
  for (const model of ["tiny-text", "tiny-omni"]) {
    const response = await chat(target, { ...hello, model });
    expect(await response.text()).toContain(sentence);
  }
  expect(gateway.logs()).not.toMatch(/"level":(50|60)/);
});
