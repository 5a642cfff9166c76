/** What a client sees of a refusal, and what becomes of its connection. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closed, openSocket, pushBlanks, received } from "../../server/http/testing/raw-socket.ts";
import { unlimited } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pythonWith, runPython } from "../harness/python.ts";

const megabyte = 1024 * 1024;
let gateway: Gateway;
let keys: Record<"good" | "unknown" | "disabled" | "exhausted", string>;

beforeAll(async () => {
  gateway = await startGateway({ config: unlimited });
  const disabled = await gateway.createUser();
  await gateway.admin("PATCH", `users/${disabled.id}`, { active: false });
  const exhausted = (await gateway.createUser({ limits: { requests_per_minute: 1 } })).apiKey;
  await gateway.fetch("/v1/models", { headers: { authorization: `Bearer ${exhausted}` } });
  const good = (await gateway.createUser()).apiKey;
  keys = { good, unknown: `sk-${"0".repeat(48)}`, disabled: disabled.apiKey, exhausted };
});
afterAll(async () => gateway[Symbol.asyncDispose]());

describe("a body of 100 MB that is refused", () => {
  const announced = `Content-Length: ${100 * megabyte}\r\n\r\n`;
  const unannounced = `Transfer-Encoding: chunked\r\n\r\n${(100 * megabyte).toString(16)}\r\n`;

  test.concurrent.each([
    ["401", "unknown", "/v1/chat/completions", announced],
    ["401", "unknown", "/v1/chat/completions", unannounced],
    ["403", "disabled", "/v1/chat/completions", announced],
    ["429", "exhausted", "/v1/chat/completions", announced],
    ["413", "good", "/v1/chat/completions", announced],
    ["413", "good", "/v1/chat/completions", unannounced],
    ["401", "unknown", "/admin/api/users", announced],
    ["404", "good", "/v1//chat/completions", announced],
  ] as const)(
    "with %s (%s key, %s) is not fetched, and its sender told",
    async (status, key, target, rest) => {
      const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys[key]}`;
      const socket = await openSocket(gateway.port, `${head}\r\nContent-Type: application/json\r\n${rest}`);
      const answer = received(socket);
      const cut = closed(socket);
      await pushBlanks(socket, 100 * megabyte);
      expect(await answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: close.*"error":\\{`, "is"));
      await cut;
      // What the two systems hold between the processes is sent as well.
      expect(socket.bytesWritten).toBeLessThan(60 * megabyte);
    },
  );
});

describe("what a client may offer or expect, and nobody takes up,", () => {
  test.each([
    [
      "an upgrade to HTTP/2, as Java's client offers it",
      "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAE\r\n",
    ],
    ["a WebSocket", "Connection: Upgrade, close\r\nUpgrade: websocket\r\n"],
    ["an unknown expectation", "Connection: close\r\nExpect: wonders\r\n"],
  ])("does not hinder its request: %s", async (_name, headers) => {
    await gateway.fetch("/"); // Next would listen for upgrades from its first page on.
    for (const target of ["/v1/models", "/health"]) {
      const head = `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.good}\r\n${headers}\r\n`;
      const answer = await received(await openSocket(gateway.port, head));
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
    }
  });
});

test.each(["/api/unknown", "/user/api/unknown", "/admin/api/unknown"])(
  "%s is answered in the shape of all errors",
  async (target) => {
    const response = await gateway.fetch(target, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "unknown_url" } });
  },
);

test("the official Python SDK tells a request that is too large from a broken connection", async () => {
  const python = await pythonWith("openai", "3.54.0");
  const output = await runPython(python, ["large_request.py", "25"], {
    OPENAI_BASE_URL: `${gateway.url}/v1`,
    OPENAI_API_KEY: keys.good,
  });
  const refusal = [413, "payload_too_large"];
  expect(JSON.parse(output)).toEqual([refusal, refusal]);
}, 120_000);

describe("what is no valid HTTP", () => {
  test.each([
    ["400", "hello\r\n\r\n", null],
    ["400", "GET /v1/models HTTP/1.1\r\n\r\n", null],
    ["431", `GET /v1/models HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(100_000)}\r\n\r\n`, "headers_too_large"],
  ])("is answered with %s in OpenAI's shape", async (status, bytes, code) => {
    const socket = await openSocket(gateway.port, bytes);
    const [head = "", body = ""] = (await received(socket)).split("\r\n\r\n");
    socket.destroy();
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*x-request-id: req_[0-9a-f]{32}`, "is"));
    expect(body).toContain(`"code":${JSON.stringify(code)}`);
  });
});

describe("pages of other origins", () => {
  const key = () => ({ authorization: `Bearer ${keys.good}` });
  const page = { origin: "https://app.example" };
  const chat = { method: "POST", body: "{}" };

  test.each([
    ["GET", "/v1/models", "origin"],
    ["GET", "/v1/no-such-thing", "origin"],
    ["POST", "/v1/chat/completions", null],
  ])("what a cache may keep of %s %s says that it varies", async (method, target, vary) => {
    const init = method === "POST" ? chat : {};
    const own = await gateway.fetch(target, { ...init, headers: key() });
    expect(own.headers.get("access-control-allow-origin")).toBe(null);
    expect(own.headers.get("vary")).toBe(vary);
    const theirs = await gateway.fetch(target, { ...init, headers: { ...key(), ...page } });
    expect(theirs.headers.get("access-control-allow-origin")).toBe("*");
    expect(theirs.headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(theirs.headers.get("vary")).toBe("origin");
  });
});

describe("paths of the admin API that Next would redirect", () => {
  const create = (target: string) =>
    gateway.fetch(target, {
      method: "POST",
      redirect: "manual",
      headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ email: `user-${crypto.randomUUID()}@example.com`, tier: "sub" }),
    });

  test("are the same with a slash at their end", async () => {
    const answer = await create("/admin/api/users/");
    expect(answer.ok).toBe(true);
    expect(await answer.json()).toHaveProperty("api_key");
    const list = await gateway.admin<{ data: unknown[] }>("GET", "users/?limit=1");
    expect(list.data).toHaveLength(1);
    expect((await gateway.fetch("/api/models/", { redirect: "manual" })).status).toBe(200);
  });

  test.each(["/admin/api//users", "/admin/api/users//", "//admin/api/users"])(
    "are unknown as %s",
    async (target) => {
      const answer = await create(target);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { code: "unknown_url" } });
    },
  );
});
