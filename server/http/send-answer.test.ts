import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alreadySent } from "../../lib/gateway/node-response.ts";
import { sendAnswer } from "./send-answer.ts";
import { openSocket, portOf, received } from "./testing/raw-socket.ts";

let handle: (response: ServerResponse) => Response | Promise<Response>;
/** Of the request that came last. */
let sent: Promise<void>;
const server = createServer((_request, response) => {
  sent = sendAnswer(response, () => handle(response));
});
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What comes over the wire until the connection ends. */
async function ask(method = "GET"): Promise<string> {
  const socket = await openSocket(
    portOf(server),
    `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  const answer = await received(socket);
  socket.destroy();
  await sent;
  return answer;
}

/** A client that has asked, and does not end its connection by itself. */
async function open() {
  const asked = once(server, "request");
  const socket = await openSocket(portOf(server), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await asked;
  return socket;
}
const encoder = new TextEncoder();

/** A body that gives these pieces, then ends in the given way. */
function streamOf(pieces: readonly string[], end: (controller: ReadableStreamDefaultController) => void) {
  const left = [...pieces];
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) end(controller);
      else controller.enqueue(encoder.encode(piece));
    },
  });
}

/** A body without end, and what becomes of it. */
function endless() {
  const source = { pulls: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      source.pulls++;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
    cancel() {
      source.cancelled = true;
    },
  });
  return { body, source };
}

describe("sendAnswer sends", () => {
  it("status, headers and body", async () => {
    handle = async () => Response.json({ a: "é" }, { status: 201, headers: { "x-own": "1" } });
    const answer = await fetch(`http://127.0.0.1:${portOf(server)}/`);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-own")).toBe("1");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({ a: "é" });
  });

  it("an answer that is there at once", async () => {
    handle = () => new Response("at once");
    expect(await ask()).toMatch(/^HTTP\/1.1 200 OK\r\n.*at once/s);
  });

  it("an answer without body", async () => {
    handle = () => new Response(null, { status: 204 });
    expect(await ask()).toMatch(/^HTTP\/1.1 204 No Content\r\n.*\r\n\r\n$/s);
  });

  it("a stream, as it comes", async () => {
    let next: (text: string | null) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        next = (text) => (text === null ? controller.close() : controller.enqueue(encoder.encode(text)));
      },
    });
    handle = () => new Response(body);
    const socket = await open();
    next("first");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    await expect.poll(() => text).toMatch(/first\r\n$/);
    next("second");
    next(null);
    await sent;
    await expect.poll(() => text).toMatch(/first\r\n6\r\nsecond\r\n0\r\n\r\n$/);
    socket.destroy();
  });

  it("no faster than the client reads", async () => {
    const { body, source } = endless();
    let outgoing: ServerResponse | undefined;
    handle = (response) => {
      outgoing = response;
      return new Response(body);
    };
    const socket = await open();
    await expect.poll(() => outgoing?.writableNeedDrain).toBe(true);
    for (let before = -1; before < source.pulls; await setImmediate()) before = source.pulls;
    const atRest = source.pulls;
    socket.resume();
    await expect.poll(() => source.pulls).toBeGreaterThan(atRest + 100);
    socket.destroy();
    await sent;
  });

  it("the head alone to one who asks for that", async () => {
    handle = () => new Response("body", { headers: { "x-own": "1" } });
    const answer = await ask("HEAD");
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*x-own: 1\r\n/is);
    expect(answer.endsWith("\r\n\r\n")).toBe(true);
    expect(answer).not.toContain("body");
  });

  it("each of several cookies", async () => {
    const headers = new Headers({ "x-own": "1" });
    headers.append("set-cookie", "a=1; Path=/");
    headers.append("set-cookie", "b=2, 3");
    handle = () => new Response("", { headers });
    const answer = await ask();
    expect(answer.match(/^set-cookie: .*$/gim)).toEqual(["set-cookie: a=1; Path=/", "set-cookie: b=2, 3"]);
  });

  it("nothing where the handler has sent, or will send, the answer itself", async () => {
    let outgoing: ServerResponse | undefined;
    handle = (response) => {
      outgoing = response;
      return alreadySent;
    };
    const socket = await open();
    await sent;
    expect(outgoing?.headersSent).toBe(false);
    outgoing?.writeHead(202, { connection: "close" }).end("its own");
    expect(await received(socket)).toMatch(/^HTTP\/1.1 202 .*its own/s);
    socket.destroy();
  });
});

describe("a handler that fails", () => {
  const fails = () => {
    throw new Error("secret");
  };

  it.each<[string, () => Response | Promise<Response>]>([
    ["by a throw", fails],
    ["by a rejection", async () => fails()],
    ["by an answer that has no status", () => Response.error()],
    [
      "by an answer that was read already",
      async () => {
        const answer = new Response("used");
        await answer.text();
        return answer;
      },
    ],
  ])("%s is a 500 that does not say why", async (_way, handler) => {
    handle = handler;
    const answer = await ask();
    expect(answer).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n.*"type":"server_error"/s);
    expect(answer).not.toContain("secret");
    expect(answer).not.toContain("used");
  });

  it("after the head was sent cuts the connection: nobody takes the answer for whole", async () => {
    handle = async (response) => {
      response.writeHead(200).write("first");
      await setImmediate();
      return fails();
    };
    const answer = await ask();
    expect(answer).toContain("first");
    expect(answer).not.toMatch(/0\r\n\r\n$/);
  });

  it("after its whole answer takes nothing back", async () => {
    handle = async (response) => {
      response.writeHead(200).end("whole".repeat(1_000_000));
      return fails();
    };
    expect(await ask()).toContain("whole".repeat(1_000_000));
  });

  it("by answering twice takes nothing back either, and ends the second answer's source", async () => {
    const { body, source } = endless();
    handle = (response) => {
      response.writeHead(200).end("whole".repeat(1_000_000));
      return new Response(body);
    };
    expect(await ask()).toContain("whole".repeat(1_000_000));
    expect(source.cancelled).toBe(true);
  });

  it("in the middle of a stream cuts the connection", async () => {
    handle = () => new Response(streamOf(["first"], (controller) => controller.error(new Error("secret"))));
    const answer = await ask();
    expect(answer).not.toMatch(/0\r\n\r\n$/);
    expect(answer).not.toContain("secret");
  });
});

describe("a client that leaves", () => {
  it("during a streamed answer ends its source", async () => {
    const { body, source } = endless();
    handle = () => new Response(body);
    const socket = await open();
    await once(socket, "data");
    socket.destroy();
    await sent;
    expect(source.cancelled).toBe(true);
  });

  it("before its answer is there ends the answer's source", async () => {
    const { body, source } = endless();
    handle = async (response) => {
      await once(response, "close");
      return new Response(body);
    };
    const socket = await open();
    socket.destroy();
    await sent;
    expect(source.cancelled).toBe(true);
  });

  it("before a handler fails is nobody's trouble", async () => {
    handle = async (response) => {
      await once(response, "close");
      throw new Error("nobody hears it");
    };
    const socket = await open();
    socket.destroy();
    await sent;
  });
});
