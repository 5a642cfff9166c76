/** The opening of a WebSocket by hand, for what a client's library does not show. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Handshake {
  status: number;
  /** Of a refusal. */
  body: { error: { message: string; type: string; code: string | null } };
  headers: string;
  /** Open only where it was to be kept. */
  socket: Socket;
}

/** Offers to go on as a WebSocket, and reads the answer. */
export async function handshake(
  port: number,
  headers: Record<string, string>,
  target = "/admin/api/events",
  { keep = false } = {},
): Promise<Handshake> {
  const socket = connect(port, "127.0.0.1");
  const all = {
    host: `127.0.0.1:${port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  let text = "";
  while (!isComplete(text)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString("latin1");
  }
  if (!keep) socket.destroy();
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const status = Number(head.split(" ")[1]);
  return { status, headers: head, body: status === 101 ? noError : JSON.parse(body), socket };
}

const noError = { error: { message: "", type: "", code: null } };

function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}
