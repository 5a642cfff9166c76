/**
 * What the log says of a request that was settled. Put together by hand, as there is one for each request: pino takes
 * five times as long for the same line.
 */
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Settlement } from "../money/types.ts";
import type { Exchange } from "./exchange.ts";
import { pathForLog } from "./path-for-log.ts";

export const requestMessage = "Request.";

const quoted: (text: string) => string = JSON.stringify;

/** The members of the line's JSON object, after its level and time. */
export function requestMembers({ id, request }: Exchange, settlement: Settlement): string {
  const { httpStatus, outcome, endpoint, model, userId, keyId, streamed } = settlement;
  const { promptTokens, cachedTokens, completionTokens, costNanos, queueMs, firstTokenMs, durationMs } =
    settlement;
  const path = quoted(pathForLog(request.url));
  const whom = `"userId":${userId},"keyId":${keyId},"stream":${streamed}`;
  const tokens = `"tokensIn":${promptTokens},"tokensCached":${cachedTokens},"tokensOut":${completionTokens}`;
  const firstToken = firstTokenMs === null ? null : rounded(firstTokenMs);
  const times = `"queueMs":${rounded(queueMs)},"firstTokenMs":${firstToken},"durationMs":${rounded(durationMs)}`;
  return `"requestId":${quoted(id)},"method":${quoted(request.method)},"path":${path},"status":${httpStatus},"outcome":"${outcome}","endpoint":${quoted(endpoint)},"model":${quoted(model)},${whom},${tokens},"cost":${dollarsFromNanos(costNanos)},${times},"msg":"${requestMessage}"`;
}

/** Milliseconds with one digit. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
