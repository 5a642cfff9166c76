import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openExchange } from "../../lib/gateway/exchange.ts";
import { rememberResponse } from "../../lib/gateway/node-response.ts";
import { limitIdleRead } from "./idle-read.ts";

const limitMs = 150;
let openedId = "";
const server = createServer((request, response) => {
  const laneRequest = new Request(`http://localhost${request.url}`);
  rememberResponse(laneRequest, response);
  openedId = openExchange(laneRequest).id;
  limitIdleRead(request, response, limitMs);
  request.resume();
  request.on("error", () => {}); // The test cuts it off.
  request.on("end", () => response.end("whole"));
});
server.keepAliveTimeout = 5_000;

async function open() {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

afterEach(() => server.closeAllConnections());

describe("limitIdleRead", () => {
  it("ends a request whose body stops coming, with a status", async () => {
    const socket = await open();
    const head = "POST /v1/x HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\nContent-Length: 10";
    socket.write(`${head}\r\n\r\nhalf`);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toContain("408 Request Timeout");
    expect(answer).toContain('"code":"request_timeout"');
    expect(answer).toContain(`x-request-id: ${openedId}\r\n`);
    expect(answer).toContain("access-control-allow-origin: *");
  });

  it("does not end a slow sender that keeps sending, nor a kept connection that rests", async () => {
    const socket = await open();
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
    for (const byte of "abcd") {
      await new Promise((resolve) => setTimeout(resolve, limitMs / 2));
      socket.write(byte);
    }
    expect(String((await once(socket, "data"))[0])).toContain("200 OK");
    await new Promise((resolve) => setTimeout(resolve, limitMs * 2));
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toContain("200 OK");
    socket.destroy();
  });

  it("leaves a connection whose body was refused unread to Node's own time limit for resting ones", async () => {
    const refusing = createServer((request, response) => {
      limitIdleRead(request, response, limitMs);
      response.writeHead(401).end();
    });
    refusing.keepAliveTimeout = 100;
    await once(refusing.listen(0, "127.0.0.1"), "listening");
    const socket = connect((refusing.address() as AddressInfo).port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
    socket.resume();
    await once(socket, "close");
    refusing.close();
  });
});
