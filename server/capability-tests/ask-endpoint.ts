/** Asks an engine as a client of an endpoint would, without a client: nobody is charged, and no usage row is written. */
import type { Ask } from "../../lib/capability-tests/checks.ts";
import { Departure } from "../../lib/gateway/departure.ts";
import type { BaseCall, Endpoint, Grant } from "../../lib/gateway/endpoint.ts";
import { forward } from "../../lib/gateway/forward.ts";
import { Reservation } from "../../lib/gateway/limits/commitments.ts";
import type { Lease } from "../../lib/slots/types.ts";

/** @param contextLength tokens that the model holds; an answer gets a quarter of them at most */
export function askOver(
  lease: Lease,
  contextLength: number | null,
  signal: AbortSignal,
  stallMs: number,
): Ask {
  return async <Call extends BaseCall>(endpoint: Endpoint<Call>, call: Call) => {
    const grant = grantFor(lease, answerTokens(endpoint.outputTokens(call), contextLength));
    const reader = endpoint.wholeReader(call, grant, lease.engine);
    const request = endpoint.upstream(call, grant, lease.engine);
    if (!request) throw new Error(`${endpoint.name} asks no engine.`);
    const departure = new Departure(new Request("http://gateway.internal/", { signal }));
    await forward(lease, request, departure, stallMs, {
      wantsMore: true,
      onDrain: null,
      onLeft: null,
      onData: (bytes) => reader.push(bytes),
    });
    const answer: unknown = JSON.parse(reader.answer());
    return { answer, usage: reader.usage() };
  };
}

const defaultTokens = 384;

function answerTokens(asked: number | null, contextLength: number | null): number {
  const most = contextLength === null ? Number.POSITIVE_INFINITY : Math.floor(contextLength / 4);
  return Math.max(1, Math.min(asked ?? defaultTokens, most));
}

function grantFor({ model }: Lease, maxOutputTokens: number): Grant {
  return {
    model,
    maxOutputTokens,
    pricing: { input_per_1k: 0, output_per_1k: 0 },
    sequences: 1,
    soundSeconds: null,
    reservation: new Reservation([], { costNanos: 0, tokens: 0, minuteTokens: 0 }, 0),
    tokens: null,
  };
}
