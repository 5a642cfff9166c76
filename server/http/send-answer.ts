/** Sends what a handler answers through Node's response, unless the handler has done so itself. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GatewayError } from "../../lib/errors.ts";
import { alreadySent } from "../../lib/gateway/node-response.ts";
import { refuse } from "./refuse.ts";

/** Never rejects: a handler that fails is a 500, or a cut connection where its answer had begun. */
export async function sendAnswer(
  outgoing: ServerResponse,
  handle: () => Response | Promise<Response>,
): Promise<void> {
  try {
    const answer = await handle();
    if (answer !== alreadySent) await send(outgoing, answer);
  } catch (error) {
    if (outgoing.writableEnded) return; // What was sent is whole.
    if (outgoing.headersSent) outgoing.destroy();
    else
      refuse(outgoing, new GatewayError("internal", "The gateway hit an internal error.", { cause: error }));
  }
}

async function send(outgoing: ServerResponse, answer: Response): Promise<void> {
  // The client has left, or was told something else meanwhile.
  if (outgoing.destroyed || outgoing.writableEnded) return answer.body?.cancel();
  const source = answer.body && Readable.fromWeb(answer.body as import("node:stream/web").ReadableStream);
  outgoing.setHeaders(answer.headers).writeHead(answer.status);
  if (source) await pipeline(source, outgoing);
  else outgoing.end();
}
