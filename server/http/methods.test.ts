/** Methods that a path does not have are refused alike, whoever would answer the others. */
import { once } from "node:events";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHttpServer, type NodeHandler } from "./server.ts";
import { portOf } from "./testing/raw-socket.ts";

const next = Promise.resolve<NodeHandler>((_request, response) => response.end("{}"));
const { server } = createHttpServer({ lane: true, next });
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** `fetch` would not send a TRACE. */
async function ask(method: string, target: string) {
  const sent = request({ port: portOf(server), method, path: target });
  const [answer] = await once(sent.end(), "response");
  const { statusCode: status, headers } = answer;
  return { status, headers, body: method === "HEAD" ? null : await json(answer) };
}

it.each([
  ["POST", "/health", "GET, HEAD, OPTIONS"],
  ["DELETE", "/health/", "GET, HEAD, OPTIONS"],
  ["TRACE", "/health", "GET, HEAD, OPTIONS"],
  ["TRACE", "/api/models", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ["PROPFIND", "/", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ["TRACE", "/v1/models", "GET, OPTIONS"],
])("%s %s is not allowed", async (method, target, allowed) => {
  const { status, headers, body } = await ask(method, target);
  expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: allowed });
  expect(headers["x-request-id"]).toMatch(/^req_/);
  expect(body).toMatchObject({ error: { code: "method_not_allowed", type: "invalid_request_error" } });
});

it.each(["GET", "HEAD", "OPTIONS"])("%s /health is, as checks of load balancers ask so", async (method) => {
  const { status, body } = await ask(method, "/health");
  expect(status).toBe(503); // No services are up here.
  if (body) expect(body).toMatchObject({ status: "starting" });
});

it("leaves what Next knows to Next", async () => {
  expect((await ask("PATCH", "/admin/api/config")).status).toBe(200);
});
