/** What becomes of a connection whose request is answered before its body was read. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** So little is read and thrown away, and the connection can be used again. */
const smallBodyBytes = 64 * 1024;

/** How much is still taken in after the last answer of a connection, and for how long. */
const lingerLimits = {
  /** All of a body that says to be no larger: many clients, as Python's, look for an answer only behind their body. */
  announcedBytes: 32 * 1024 * 1024,
  /** Of any other. */
  bytes: 1024 * 1024,
  /** Without a byte. */
  idleMs: 2_000,
  totalMs: 30_000,
};

/**
 * Makes an answer that comes before the end of a large body the last one of its connection. Node would keep the
 * connection, and for that take in all of the body; so a client that is told of the end can spare itself the rest.
 * Where the client itself wants the connection to end, that is done as carefully.
 */
export function closeAfterEarlyAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  limits = lingerLimits,
): void {
  if (response.shouldKeepAlive && !mayBeLarge(request)) return;
  const { shouldKeepAlive } = response;
  response.shouldKeepAlive = false;
  request.once("end", () => {
    response.shouldKeepAlive = shouldKeepAlive;
  });
  lingerAfter(response, limits);
}

/** Lets the connection of an answer that ends it linger where there is more of the body to come. */
export function lingerAfter(response: ServerResponse, limits = lingerLimits): void {
  const { req: request } = response;
  const { socket } = request; // Node takes it from a request that is destroyed.
  // Ahead of Node's own listener, which ends the connection by this method.
  response.prependOnceListener("finish", () => {
    if (request.complete) return;
    const announced = Number(request.headers["content-length"]);
    const bytes = announced <= limits.announcedBytes ? announced : limits.bytes;
    socket.destroySoon = () => linger(socket, { ...limits, bytes });
  });
}

/**
 * Ends a connection so that its client can still read the answer. Closed with unread bytes it would be reset, and
 * the client's system may then drop what the client has not read (RFC 9112, 9.6). So only our side is closed; what
 * still comes is thrown away, and beyond the limits not even fetched, until the client closes too or is idle.
 */
export function linger(socket: Socket, limits = lingerLimits): void {
  socket.end();
  socket.setTimeout(limits.idleMs, () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), limits.totalMs);
  socket.once("close", () => clearTimeout(timer));
  // A paused one must resume while it is Node's parser's, whose listener starts it again.
  if (socket.isPaused()) socket.once("resume", () => discard(socket, limits.bytes)).resume();
  else discard(socket, limits.bytes);
}

/** Takes the connection from Node's parser: from here on it brings bytes, and a request behind the body is not run. */
function discard(socket: Socket, limitBytes: number): void {
  let readBytes = 0;
  socket.removeAllListeners("data");
  socket.on("data", (chunk: Buffer) => {
    readBytes += chunk.length;
    if (readBytes > limitBytes) socket.pause(); // And is idle from here on.
  });
}

function mayBeLarge({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return length === undefined ? headers["transfer-encoding"] !== undefined : Number(length) > smallBodyBytes;
}
