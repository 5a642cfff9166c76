/** Who waits and who is served, as admins see it. */
import type { Accounts } from "../money/types.ts";
import type { QueueSnapshot, WaitingRequest } from "../slots/types.ts";
import type { QueueReply } from "./schemas.ts";

export function queueReply({ lines, engines }: QueueSnapshot, accounts: Accounts): QueueReply {
  const who = ({ requestId, userId, keyId, endpoint }: WaitingRequest) => ({
    request_id: requestId,
    user_id: userId,
    key_id: keyId,
    key_prefix: accounts.keysOf(userId).find(({ id }) => id === keyId)?.prefix ?? null,
    endpoint,
  });
  return {
    waiting: lines.map(({ model, ports, waiting }) => ({
      model,
      slots: ports,
      requests: waiting.map((request, index) => ({
        position: index + 1,
        ...who(request),
        waiting_ms: Math.round(request.waitedMs),
      })),
    })),
    in_flight: engines.map(({ port, model, inFlight }) => ({
      slot: port,
      model,
      requests: inFlight.map((request) => ({
        ...who(request),
        queued_ms: Math.round(request.queuedMs),
        running_ms: Math.round(request.runningMs),
      })),
    })),
  };
}
