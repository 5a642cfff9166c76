/** The one place where a request that has ended is counted and logged: once, whichever way it ended. */
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Outcome, Settlement } from "../money/types.ts";
import { currentRuntime, type Runtime } from "../runtime.ts";
import type { Exchange } from "./exchange.ts";
import { pathForLog } from "./path-for-log.ts";

const message = "Request.";

/** A request that was admitted: by what it is settled with. */
export function recordSettlement(exchange: Exchange, settlement: Settlement): void {
  const services = claim(exchange);
  if (!services) return;
  services.metrics.settled(settlement);
  if (!services.log.isLevelEnabled("info")) return;
  services.log.info(
    {
      requestId: exchange.id,
      method: exchange.request.method,
      path: pathForLog(exchange.request.url),
      status: settlement.httpStatus,
      outcome: settlement.outcome,
      endpoint: settlement.endpoint,
      model: settlement.model,
      userId: settlement.userId,
      keyId: settlement.keyId,
      stream: settlement.streamed,
      tokensIn: settlement.promptTokens,
      tokensCached: settlement.cachedTokens,
      tokensOut: settlement.completionTokens,
      cost: dollarsFromNanos(settlement.costNanos),
      queueMs: rounded(settlement.queueMs),
      firstTokenMs: settlement.firstTokenMs === null ? null : rounded(settlement.firstTokenMs),
      durationMs: rounded(settlement.durationMs),
    },
    message,
  );
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
    message,
  );
}

/** Null for a request that is recorded already, and while there are no services. */
function claim(exchange: Exchange): Runtime | null {
  if (exchange.isRecorded) return null;
  exchange.isRecorded = true;
  return currentRuntime();
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
