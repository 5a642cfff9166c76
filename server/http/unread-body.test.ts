import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closed, openSocket, portOf, pushBlanks, received } from "./testing/raw-socket.ts";
import { closeAfterEarlyAnswer } from "./unread-body.ts";

const megabyte = 1024 * 1024;
const limits = { announcedBytes: 8 * megabyte, bytes: megabyte, idleMs: 300, totalMs: 1_000 };
let handler: (request: IncomingMessage, response: ServerResponse) => void;
let targets: (string | undefined)[] = [];
let serverSide: Socket;

const server = createServer((request, response) => {
  targets.push(request.url);
  closeAfterEarlyAnswer(request, response, limits);
  handler(request, response);
});
server.on("connection", (socket) => {
  serverSide = socket;
});

beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  targets = [];
  handler = (_request, response) => response.writeHead(401).end("refused");
});

const open = (head: string) =>
  openSocket(portOf(server), `POST /first HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);

const large = `Content-Length: ${100 * megabyte}`;

describe("an answer before the end of a large body", () => {
  it.each([
    ["announced", large, ""],
    ["unannounced", "Transfer-Encoding: chunked", `${(100 * megabyte).toString(16)}\r\n`],
  ])(
    "reaches a client that does not stop sending an %s one, most of which is not fetched",
    async (_kind, head, first) => {
      const socket = await open(head);
      const answer = received(socket);
      socket.write(first);
      await pushBlanks(socket, 100 * megabyte);
      expect(await answer).toMatch(/^HTTP\/1.1 401 .*connection: close.*refused/is);
      expect(serverSide.bytesRead).toBeGreaterThan(limits.bytes);
      expect(serverSide.bytesRead).toBeLessThan(2 * limits.bytes);
    },
  );

  it("is all that the client has to wait for", async () => {
    const socket = await open(large);
    const startedMs = performance.now();
    expect(await received(socket)).toContain("refused"); // Its end is seen at once, while the connection lingers.
    expect(performance.now() - startedMs).toBeLessThan(limits.idleMs);
    expect(serverSide.destroyed).toBe(false);
    await closed(serverSide);
    expect(performance.now() - startedMs).toBeGreaterThan(limits.idleMs - 50);
    expect(performance.now() - startedMs).toBeLessThan(limits.totalMs - 50);
    socket.destroy();
  });

  it("is not cut off by a small body that comes late, where the client itself ends the connection", async () => {
    const socket = await open("Connection: close\r\nContent-Length: 8");
    expect(await received(socket)).toContain("refused");
    for (const half of ["body", "body"])
      expect(await new Promise((resolve) => socket.write(half, resolve))).toBeFalsy();
    socket.end();
    await closed(serverSide);
    expect(socket.errored).toBe(null);
    expect(serverSide.bytesRead).toBe(socket.bytesWritten);
  });

  it("leaves no connection open when the client closes its side", async () => {
    const socket = await open(large);
    const startedMs = performance.now();
    await received(socket);
    socket.end();
    await closed(serverSide);
    expect(performance.now() - startedMs).toBeLessThan(limits.idleMs);
  });

  it("has no other after it: what is behind the body is not run", async () => {
    const socket = await open(`Content-Length: ${megabyte / 2}`);
    expect(await received(socket)).toContain("refused");
    socket.write(`${" ".repeat(megabyte / 2)}GET /second HTTP/1.1\r\nHost: x\r\n\r\n`);
    await closed(serverSide);
    expect(serverSide.bytesRead).toBeGreaterThan(megabyte / 2);
    expect(targets).toEqual(["/first"]);
  });

  it("waits for the end of a body that is announced within bounds, for clients that only then read", async () => {
    const socket = await open(`Content-Length: ${limits.announcedBytes}`);
    await pushBlanks(socket, limits.announcedBytes);
    await once(socket.end(), "finish");
    expect(socket.bytesWritten).toBeGreaterThan(limits.announcedBytes);
    expect(await received(socket)).toContain("refused");
    await closed(serverSide);
    expect(serverSide.bytesRead).toBe(socket.bytesWritten);
  });

  it("does not keep a connection for a client that sends a little forever", async () => {
    const socket = await open(large);
    const startedMs = performance.now();
    await received(socket);
    const trickle = setInterval(() => socket.write(" "), limits.idleMs / 4);
    await closed(serverSide);
    clearInterval(trickle);
    expect(performance.now() - startedMs).toBeGreaterThan(limits.totalMs - 50);
    socket.destroy();
  });

  it("ends the connection as well where a part of the body was read", async () => {
    handler = (request, response) => {
      request.once("data", () => {
        request.pause();
        response.writeHead(413).end("too large");
      });
    };
    const socket = await open("Transfer-Encoding: chunked");
    const answer = received(socket);
    socket.write(`${(100 * megabyte).toString(16)}\r\n`);
    await pushBlanks(socket, 100 * megabyte);
    expect(await answer).toContain("too large");
    expect(serverSide.bytesRead).toBeGreaterThan(limits.bytes);
    expect(serverSide.bytesRead).toBeLessThan(2 * limits.bytes);
  });
});

describe("a connection is used again", () => {
  const second = "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  it("after a small body that was not read", async () => {
    const socket = await open(`Content-Length: ${64 * 1024}`);
    socket.write(" ".repeat(64 * 1024) + second);
    expect(await received(socket)).toMatch(/refused.*refused/s);
    expect(targets).toEqual(["/first", "/second"]);
  });

  it.each([
    ["announced", `Content-Length: ${megabyte}`, ""],
    ["unannounced", "Transfer-Encoding: chunked", `${megabyte.toString(16)}\r\n`],
  ])("after a large %s body that was read", async (_kind, head, first) => {
    handler = (request, response) => request.resume().once("end", () => response.end("taken"));
    const socket = await open(head);
    socket.write(`${first}${" ".repeat(megabyte)}${first && "\r\n0\r\n\r\n"}${second}`);
    const answers = await received(socket);
    expect(answers).toMatch(/taken.*taken/s);
    expect(answers).toMatch(/connection: keep-alive/i);
    expect(targets).toEqual(["/first", "/second"]);
  });
});
