/** A client that says what it likes, byte by byte. */
import { once } from "node:events";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";

const megabyte = 1024 * 1024;

/** Where a test's own server listens. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Connects to 127.0.0.1. Its own side stays open when the server closes its: it may go on sending. */
export async function openSocket(port: number, bytes = ""): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => {}); // It may be cut off while it sends.
  socket.write(bytes);
  return socket;
}

/** What comes until the server closes its side, or the connection is cut. Unlike a stream's iterator it closes nothing. */
export function received(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => {
    for (const event of ["end", "close"]) socket.once(event, () => resolve(text));
  });
}

/** Unlike `once` it does not fail for a connection that was cut off. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** Sends blanks until the connection is closed, or all of them are with the system. */
export async function pushBlanks(socket: Socket, sizeBytes: number): Promise<void> {
  for (let sentBytes = 0; sentBytes < sizeBytes && !socket.destroyed; sentBytes += megabyte)
    await new Promise((resolve) => socket.write(Buffer.alloc(megabyte, 0x20), resolve));
}
