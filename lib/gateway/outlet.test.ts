import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { alreadySent, rememberResponse } from "./node-response.ts";
import { type Outlet, outletFor } from "./outlet.ts";

const server = createServer();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.removeAllListeners("request").close();
});

/** A client's connection, and the outlet towards it. */
async function openOutlet(
  onDrained = () => {},
  version = "1.1",
): Promise<{ outlet: Outlet; socket: Socket; response: ServerResponse }> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const arrived = once(server, "request");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  socket.write(`GET / HTTP/${version}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const [, response] = (await arrived) as [IncomingMessage, ServerResponse];
  const request = new Request("http://localhost/");
  rememberResponse(request, response);
  return { outlet: outletFor(request, { onDrained, onLeft: () => {} }), socket, response };
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

describe("an outlet into Node's response", () => {
  it("sends status, headers and bytes, and hands the lane nothing to send", async () => {
    const { outlet, socket } = await openOutlet();
    expect(outlet.open({ "x-request-id": "req_1" })).toBe(alreadySent);
    outlet.write(Buffer.from("one "));
    outlet.end(Buffer.from("two"));
    const answer = await readAll(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nx-request-id: req_1\r\n/);
    expect(answer).toMatch(/one \r\n3\r\ntwo\r\n0\r\n\r\n$/);
  });

  it("frames each piece once, in order, and takes no bytes for no end", async () => {
    const { outlet, socket } = await openOutlet();
    outlet.open({});
    for (const piece of ["one", "", "two", "three-and-more-1", ""]) outlet.write(Buffer.from(piece));
    outlet.end(Buffer.from("end"));
    const [, body] = (await readAll(socket)).split("\r\n\r\n", 2);
    expect(body).toBe("3\r\none\r\n3\r\ntwo\r\n10\r\nthree-and-more-1\r\n3\r\nend\r\n0");
  });

  it("frames nothing for a client of HTTP/1.0", async () => {
    const { outlet, socket } = await openOutlet(undefined, "1.0");
    outlet.open({});
    for (const piece of ["one ", "two "]) outlet.write(Buffer.from(piece));
    outlet.end(Buffer.from("end"));
    expect((await readAll(socket)).endsWith("\r\n\r\none two end")).toBe(true);
  });

  it("asks for a pause while the client does not read, and tells when it does", async () => {
    const onDrained = vi.fn();
    const { outlet, socket } = await openOutlet(onDrained);
    outlet.open({});
    socket.pause();
    outlet.write(Buffer.alloc(64 * 1024 * 1024)); // More than the kernel takes for itself.
    expect(outlet.wantsMore).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(onDrained).not.toHaveBeenCalled();
    socket.resume();
    await vi.waitFor(() => expect(onDrained).toHaveBeenCalledOnce());
    expect(outlet.wantsMore).toBe(true);
    outlet.end();
  });

  it("breaks the connection off, so that nobody takes the answer for whole", async () => {
    const { outlet, socket } = await openOutlet();
    outlet.open({});
    outlet.write(Buffer.from("half"));
    const answer = readAll(socket);
    outlet.cut();
    expect((await answer).endsWith("0\r\n\r\n")).toBe(false);
  });

  it("drops what is written after the client has left", async () => {
    const { outlet, socket, response } = await openOutlet();
    outlet.open({});
    const closed = once(response, "close");
    socket.destroy();
    await closed;
    outlet.write(Buffer.from("late"));
    outlet.end(Buffer.from("later"));
    expect(response.writableFinished).toBe(false);
  });
});
