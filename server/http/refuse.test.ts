import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpServer, type NodeHandler } from "./server.ts";
import { openSocket, portOf, received } from "./testing/raw-socket.ts";

const next: NodeHandler = (request, response) => response.end(`${request.method} ${request.url} from Next`);
const { server, runningRequests } = createHttpServer({ lane: true, next: Promise.resolve(next) });
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.close();
});

const host = "Host: x\r\n";

/** Sends a target as it is, which clients of a library would tidy up, and reads until the connection ends. */
async function ask(method: string, target: string, headers = host) {
  const socket = await openSocket(
    portOf(server),
    `${method} ${target} HTTP/1.1\r\n${headers}Content-Length: 2\r\n\r\n{}`,
  );
  const answer = await received(socket);
  socket.destroy();
  const [head = "", json = ""] = answer.split("\r\n\r\n");
  return { head, json: JSON.parse(json.slice(json.indexOf("{"), json.lastIndexOf("}") + 1)) };
}

const invalid = { status: "400 Bad Request", code: null };
const unknown = { status: "404 Not Found", code: "unknown_url" };

describe("the server refuses by itself, in the API's shape", () => {
  it.each([
    ["GET", "http://127.0.0.1:4801/slots", invalid],
    ["OPTIONS", "*", invalid],
    ["PATCH", "/admin/api/users/%ZZ", invalid],
    ["GET", "/%FF", invalid],
    ["GET", "/v1/models/%ZZ", invalid],
    ["GET", "/health/%", invalid],
    ["POST", "//v1/chat/completions", unknown],
    ["POST", "/v1//chat/completions", unknown],
    ["POST", "/admin//api/users", unknown],
    ["POST", "/admin/api/users//", unknown],
    ["GET", "/api\\models", unknown],
  ])("%s %s", async (method, target, { status, code }) => {
    const { head, json } = await ask(method, target);
    expect(head.split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
    expect(head).toMatch(/x-request-id: req_[0-9a-f]{32}(\r\n|$)/);
    expect(head).toContain("content-type: application/json");
    expect(json).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param: null, code },
    });
    await expect.poll(runningRequests).toBe(0);
  });

  it("also where the host is not named", async () => {
    const { head, json } = await ask("POST", "/v1/chat/completions", "");
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(json.error.message).toBe("The Host header is missing.");
  });
});

describe("a page of another origin", () => {
  const origin = "Origin: https://app.example\r\n";

  it.each([
    ["/v1/models/%ZZ", host],
    ["/v1//models", host],
    ["/v1", ""],
    ["/v1?x", ""],
  ])("may read why it was refused at %s", async (target, more) => {
    const { head } = await ask("GET", target, more + origin);
    expect(head).toContain("access-control-allow-origin: *");
    expect(head).toMatch(/access-control-expose-headers: .*x-request-id/);
    expect(head).toContain("vary: origin");
  });

  it.each(["/admin/api/users/%ZZ", "/api//models", "/v10/%"])("may not at %s", async (target) => {
    const { head } = await ask("GET", target, host + origin);
    expect(head).not.toContain("access-control");
    expect(head).not.toContain("vary");
  });

  it("is the only one who is told so", async () => {
    const { head } = await ask("GET", "/v1/models/%ZZ");
    expect(head).not.toContain("access-control");
    expect(head).toContain("vary: origin");
  });
});

/** What the portal's handler gets to see. */
async function targetAtNext(target: string) {
  const answer = await fetch(`http://127.0.0.1:${portOf(server)}${target}`, { method: "PATCH" });
  return answer.text();
}

describe("a target reaches Next", () => {
  it("when it can be decoded", async () => {
    const target = "/admin/api/users/%25ZZ?q=%ZZ//";
    expect(await targetAtNext(target)).toBe(`PATCH ${target} from Next`);
  });

  it.each([
    ["/admin/api/users/", "/admin/api/users"],
    ["/admin/api/users/?a=/", "/admin/api/users?a=/"],
    ["/user/api/keys/", "/user/api/keys"],
    ["/api/models/", "/api/models"],
    ["/admin/users/", "/admin/users/"],
  ])("%s as %s: it would redirect a program, which does not follow with a POST", async (target, seen) => {
    expect(await targetAtNext(target)).toBe(`PATCH ${seen} from Next`);
  });
});
