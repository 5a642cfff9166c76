/** The one place where a request that has ended is counted and logged: once, whichever way it ended. */
import type { Outcome, Settlement } from "../money/types.ts";
import { currentRuntime, type Runtime } from "../runtime.ts";
import type { Exchange } from "./exchange.ts";
import { pathForLog } from "./path-for-log.ts";
import { requestMembers, requestMessage, rounded } from "./request-line.ts";

/** A request that was admitted: by what it is settled with. */
export function recordSettlement(exchange: Exchange, settlement: Settlement): void {
  const services = claim(exchange);
  if (!services) return;
  services.metrics.settled(settlement);
  if (!services.log.isLevelEnabled("info")) return;
  services.ownLog.write(requestMembers(exchange, settlement));
}

/** An answer without a settlement: of a look-up, or a refusal before a model was admitted. Else it was recorded before. */
export function recordAnswer(exchange: Exchange, status: number, outcome: Outcome): void {
  const services = claim(exchange);
  if (!services) return;
  services.metrics.answered(exchange.endpoint, status);
  if (!services.log.isLevelEnabled("info")) return;
  const { caller, request } = exchange;
  services.log.info(
    {
      requestId: exchange.id,
      method: request.method,
      path: pathForLog(request.url),
      status,
      outcome,
      endpoint: exchange.endpoint,
      userId: caller?.account.id,
      keyId: caller?.key.id,
      durationMs: rounded(performance.now() - exchange.startedMs),
    },
    requestMessage,
  );
}

/** Null for a request that is recorded already, and while there are no services. */
function claim(exchange: Exchange): Runtime | null {
  if (exchange.isRecorded) return null;
  exchange.isRecorded = true;
  return currentRuntime();
}
