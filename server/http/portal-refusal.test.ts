import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpServer, type NodeHandler } from "./server.ts";
import { portOf } from "./testing/raw-socket.ts";

// As when nothing was built.
const next = Promise.reject<NodeHandler>(new Error("no build"));
next.catch(() => {});
// In development Next serves `/v1` as well.
const { server } = createHttpServer({ lane: false, next });
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.close();
});

const ask = (target: string, method = "GET") =>
  fetch(`http://127.0.0.1:${portOf(server)}${target}`, { method });

describe("a portal that could not be started", () => {
  it.each([
    ["GET", "/admin/api/slots"],
    ["POST", "/admin/api/users"],
    ["GET", "/user/api/me?x"],
    ["GET", "/api/models"],
    ["POST", "/v1/chat/completions"],
  ])("answers %s %s in the API's shape", async (method, target) => {
    const answer = await ask(target, method);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await answer.json()).toEqual({
      error: {
        message: expect.stringContaining("could not be started"),
        type: "server_error",
        param: null,
        code: "portal_unavailable",
      },
    });
  });

  it.each(["/", "/admin/users", "/apis"])("tells a browser at %s in words", async (target) => {
    const answer = await ask(target);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await answer.text()).toContain("could not be started");
  });
});
