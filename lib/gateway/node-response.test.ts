import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { endResponse } from "./node-response.ts";

const server = createServer({ keepAliveTimeout: 4_000 });
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** A client that reads nothing by itself, and the response that it waits for. */
async function open(): Promise<{ client: Socket; response: ServerResponse }> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const arrived = once(server, "request");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  sockets.push(client);
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
  return { client, response };
}

describe("endResponse", () => {
  it("limits how long what is left may wait for its client, until it is fetched", async () => {
    const { client, response } = await open();
    endResponse(response, Buffer.alloc(32 * 1024 * 1024));
    const { socket } = response;
    expect(socket?.timeout).toBe(60_000);
    client.resume();
    await vi.waitFor(() => expect(socket?.timeout).toBe(5_000)); // Node's, for a connection that rests.
  });

  it("sets no limit for what the system has taken at once", async () => {
    const { response } = await open();
    endResponse(response, "short");
    expect(response.socket?.timeout).not.toBe(60_000);
  });
});
