import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientAddress, peerHeader } from "../../lib/client-address.ts";
import { createHttpServer, type NodeHandler } from "./server.ts";
import { openSocket, portOf, received } from "./testing/raw-socket.ts";

/** Next hands these headers to handlers as they are. */
const next: NodeHandler = (request, response) => response.end(JSON.stringify(request.headers));
const { server } = createHttpServer({ lane: true, next: Promise.resolve(next) });
beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
afterAll(() => {
  server.close();
});

it("tells handlers where the connection comes from, whatever the client says", async () => {
  const lies = [`${peerHeader}: 6.6.6.6`, `X-LLM-Gateway-Peer: 7.7.7.7`, "X-Forwarded-For: 8.8.8.8"];
  const head = ["GET /api/signup HTTP/1.1", "Host: x", "Connection: close", ...lies, "", ""].join("\r\n");
  const answer = await received(await openSocket(portOf(server), head));
  const headers = new Headers(JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1)));
  expect(clientAddress(headers, [])).toBe("127.0.0.1");
});
