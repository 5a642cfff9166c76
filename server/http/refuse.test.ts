import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpServer } from "./server.ts";

const { server, runningRequests } = createHttpServer({
  lane: true,
  next: Promise.resolve((_request, response) => response.end("from Next")),
});
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.close();
});

/** Sends a target as it is, which clients of a library would tidy up, and reads until the connection ends. */
async function ask(method: string, target: string, body = "") {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write(`${method} ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  const [head = "", json = ""] = answer.split("\r\n\r\n");
  return { head, json: JSON.parse(json.slice(json.indexOf("{"), json.lastIndexOf("}") + 1)) };
}

describe("the server refuses by itself, in the API's shape", () => {
  it.each([
    ["GET", "http://127.0.0.1:4801/slots"],
    ["OPTIONS", "*"],
    ["PATCH", "/admin/api/users/%ZZ"],
    ["GET", "/%FF"],
    ["GET", "/v1/models/%ZZ"],
    ["GET", "/health/%"],
  ])("%s %s", async (method, target) => {
    const { head, json } = await ask(method, target, "{}");
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(head).toMatch(/x-request-id: req_[0-9a-f]{32}(\r\n|$)/);
    expect(head).toContain("content-type: application/json");
    expect(head.includes("access-control-allow-origin: *")).toBe(target.startsWith("/v1/"));
    expect(json).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param: null, code: null },
    });
    await expect.poll(runningRequests).toBe(0);
  });
});

it("a target that can be decoded reaches Next", async () => {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/admin/api/users/%25ZZ?q=%ZZ`, { method: "PATCH" });
  expect(await answer.text()).toBe("from Next");
});
