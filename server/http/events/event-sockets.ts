/** The sockets of live events: opens them, keeps them alive, and ends them. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { GatewayError, toGatewayError } from "../../../lib/errors.ts";
import { closeCodes } from "../../../lib/events/session.ts";
import { newRequestId } from "../../../lib/gateway/exchange.ts";
import { logFailure } from "../../../lib/gateway/reply.ts";
import type { Caller } from "../../../lib/money/types.ts";
import { currentRuntime, type Runtime } from "../../../lib/runtime.ts";
import { rawRefusal } from "../client-error.ts";
import { admit, chosenProtocol } from "./admission.ts";
import { EventSocket } from "./event-socket.ts";

export interface EventSocketsOptions {
  mostSocketsPerKey?: number;
  /** How often each socket is asked whether its client is there, and whether that may still watch. */
  checkEveryMs?: number;
}

/** What a client says are names of topics. */
const longestMessageBytes = 16 * 1024;

/** How long clients have to answer a goodbye. */
const goodbyeMs = 1_000;

export class EventSockets {
  readonly #options: Required<EventSocketsOptions>;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: longestMessageBytes,
    perMessageDeflate: false, // It takes some hundred KB for each socket.
    handleProtocols: chosenProtocol,
  });
  readonly #open = new Map<EventSocket, number>();
  #check: NodeJS.Timeout | null = null;

  constructor({ mostSocketsPerKey = 20, checkEveryMs = 5_000 }: EventSocketsOptions = {}) {
    this.#options = { mostSocketsPerKey, checkEveryMs };
    this.#webSockets.on("wsClientError", (error, socket) => refuse(socket, badHandshake(error)));
  }

  /** For the server's `upgrade` event. What may not be a socket gets a refusal like any other request. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    try {
      const services = currentRuntime();
      const caller = admit(request, services);
      this.#refuseTooMany(caller);
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (services) this.#add(webSocket, caller, services);
      });
    } catch (error) {
      refuse(socket, error);
    }
  }

  /** Says goodbye to all; resolves when the last one has ended. */
  async close(): Promise<void> {
    const sockets = [...this.#open.keys()];
    for (const socket of sockets) socket.close(closeCodes.restart, "The gateway is shutting down.");
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, goodbyeMs);
    await Promise.all(sockets.map(({ closed }) => closed));
    clearTimeout(timer);
  }

  #add(webSocket: WebSocket, caller: Caller, { events, log }: Runtime): void {
    const socket = new EventSocket(webSocket, caller, events, (error) =>
      log.error(error, "A message on an events socket could not be dealt with."),
    );
    this.#open.set(socket, caller.key.id);
    this.#check ??= setInterval(() => this.#checkAll(), this.#options.checkEveryMs).unref();
    log.debug({ keyId: caller.key.id, sockets: this.#open.size }, "An events socket was opened.");
    socket.closed.then((code) => {
      this.#open.delete(socket);
      log.debug({ keyId: caller.key.id, code }, "An events socket was closed.");
      if (this.#open.size > 0 || !this.#check) return;
      clearInterval(this.#check);
      this.#check = null;
    });
  }

  #checkAll(): void {
    for (const socket of this.#open.keys()) socket.check();
  }

  #refuseTooMany({ key }: Caller): void {
    const open = [...this.#open.values()].filter((keyId) => keyId === key.id).length;
    if (open < this.#options.mostSocketsPerKey) return;
    const message = `This key has ${open} sockets open, and may have no more. Close one first.`;
    throw new GatewayError("rate_limit_exceeded", message, { retryAfterS: 10 });
  }
}

function badHandshake(cause: Error): GatewayError {
  return new GatewayError("invalid_request", `This is a WebSocket: ${cause.message}.`, { cause });
}

function refuse(socket: Duplex, thrown: unknown): void {
  const error = toGatewayError(thrown);
  const requestId = newRequestId(Date.now());
  logFailure(requestId, error);
  socket.end(rawRefusal(error, requestId));
}
