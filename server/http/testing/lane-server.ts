/** A real server whose requests a test takes one by one, as the lane gets them. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { laneRequest } from "../lane-request.ts";
import { closeAfterEarlyAnswer } from "../unread-body.ts";
import { openSocket, portOf } from "./raw-socket.ts";

export interface Arrived {
  request: Request;
  incoming: IncomingMessage;
  response: ServerResponse;
  /** The client's end. */
  client: Socket;
}

/**
 * Starts the server for the tests of this file.
 * @returns sends bytes on a connection of their own, and gives the request that arrives; the test answers it
 */
export function laneServer(): (bytes: string) => Promise<Arrived> {
  const server = createServer((incoming, response) => {
    closeAfterEarlyAnswer(incoming, response);
    server.emit("arrived", { request: laneRequest(incoming, response), incoming, response });
  });
  beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return async (bytes) => {
    const arriving = once(server, "arrived");
    const client = await openSocket(portOf(server), bytes);
    onTestFinished(() => void client.destroy());
    const [arrived] = await arriving;
    return { ...arrived, client };
  };
}

/** A request of HTTP/1.1, with the length of its body where that is not told otherwise. */
export function post(body: string, ...headers: string[]): string {
  const isFramed = headers.some((header) => /^(content-length|transfer-encoding):/i.test(header));
  const length = isFramed ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return ["POST /v1/x HTTP/1.1", "Host: x", ...headers, ...length, "", body].join("\r\n");
}

/** Resolves when the server has got so many bytes of the request's connection. */
export async function until(incoming: IncomingMessage, bytes: number): Promise<void> {
  while (incoming.socket.bytesRead < bytes) await new Promise((resolve) => setImmediate(resolve));
}
