import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openExchange } from "../../lib/gateway/exchange.ts";
import { rememberResponse } from "../../lib/gateway/node-response.ts";
import { answerClientError } from "./client-error.ts";
import { closed, openSocket, portOf, received } from "./testing/raw-socket.ts";

let answers: ServerResponse[] = [];
let errors: Error[] = [];
let serverSide: Socket;

/** Answers nothing by itself: the tests do. */
const server = createServer(
  { headersTimeout: 100, connectionsCheckingInterval: 50 },
  (_request, response) => {
    answers.push(response);
  },
);
server.on("connection", (socket) => {
  serverSide = socket;
});
server.on("clientError", (error, socket) => {
  if (socket === serverSide) errors.push(error);
  answerClientError(error, socket as Socket);
});

beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers = [];
  errors = [];
});

const open = (bytes: string) => openSocket(portOf(server), bytes);
const start = "GET / HTTP/1.1\r\nHost: x\r\n";

describe("what is no valid HTTP is answered in the API's shape", () => {
  it.each([
    ["no HTTP at all", "hello\r\n\r\n", "400 Bad Request", null],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "400 Bad Request", null],
    [
      "two lengths",
      `${start}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      "400 Bad Request",
      null,
    ],
    [
      "headers of 100 kB",
      `${start}x: ${"a".repeat(100_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
      "headers_too_large",
    ],
    [
      "chunk extensions of 100 kB",
      `${start}Transfer-Encoding: chunked\r\n\r\n1;${"a".repeat(100_000)}\r\n`,
      "413 Payload Too Large",
      "payload_too_large",
    ],
    ["headers that do not end", start, "408 Request Timeout", "request_timeout"],
  ])("%s", async (_name, bytes, status, code) => {
    const [head = "", body = ""] = (await received(await open(bytes))).split("\r\n\r\n");
    expect(head.split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
    expect(head).toMatch(/^x-request-id: req_[0-9a-f]{32}$/m);
    expect(head).toMatch(/^connection: close$/m);
    expect(head).toMatch(/^content-type: application\/json$/m);
    expect(head).toContain(`\r\ncontent-length: ${body.length}`);
    expect(JSON.parse(body)).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param: null, code },
    });
  });
});

it("names what the parser has against a request", async () => {
  const answer = await received(await open("GET / HTTP/1.1\r\nHost : x\r\n\r\n"));
  expect(answer).toContain("The request is not valid HTTP: Invalid header token.");
});

it("reaches a client that goes on sending: the connection is not reset under it", async () => {
  const socket = await open(`${start}x: ${"a".repeat(500_000)}`);
  expect(await received(socket)).toContain("431 Request Header Fields Too Large");
  expect(await new Promise((resolve) => socket.write("aaa", resolve))).toBeFalsy();
  socket.destroy();
});

describe("a request before the malformed bytes", () => {
  it("keeps its answer as it is when that has begun, and the connection is cut", async () => {
    const socket = await open(`${start}\r\n`);
    await expect.poll(() => answers.length).toBe(1);
    answers[0]?.writeHead(200, { "content-length": 100 }).write("begun");
    const [begun] = (await once(socket, "data")) as [Buffer];
    socket.write("malformed\r\n\r\n");
    expect(await received(socket)).toBe("");
    expect(String(begun)).toMatch(/begun$/);
    socket.destroy();
  });

  it("lends its id to the refusal when it was not answered yet", async () => {
    const socket = await open(`${start}Transfer-Encoding: chunked\r\n\r\n`);
    await expect.poll(() => answers.length).toBe(1);
    const request = new Request("http://x");
    for (const answer of answers) rememberResponse(request, answer);
    const { id } = openExchange(request);
    socket.write("no length\r\n");
    expect(await received(socket)).toContain(`x-request-id: ${id}\r\n`);
  });
});

describe("a connection that is gone", () => {
  it.each(["end", "destroy"] as const)("is not written to after its %s", async (how) => {
    const socket = new Socket();
    socket[how]();
    const failures: Error[] = [];
    socket.on("error", (error) => failures.push(error));
    answerClientError(new Error("It was reset."), socket);
    await new Promise(setImmediate);
    expect(failures).toEqual([]);
  });

  it("does no harm when it is reset in the middle of a request", async () => {
    const socket = await open(start);
    socket.resetAndDestroy();
    await expect.poll(() => errors.length).toBe(1);
    await closed(serverSide);
    const other = await open("malformed\r\n\r\n");
    expect(await received(other)).toContain("400 Bad Request");
  });
});
