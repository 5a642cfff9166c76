/** One test of one capability: a turn when nobody else wants the gateway, its request, and the verdict. */
import { setTimeout as sleep } from "node:timers/promises";
import { checks } from "../../lib/capability-tests/checks.ts";
import type { TestedCapability, Verdict } from "../../lib/capability-tests/types.ts";
import { isGatewayError } from "../../lib/errors.ts";
import { newRequestId } from "../../lib/gateway/exchange.ts";
import { takeTurn } from "../benchmarks/turn.ts";
import type { MeasuredEngine } from "../slots/trials.ts";
import { askOver } from "./ask-endpoint.ts";

export interface TestOptions {
  /** Aborted when the engine is gone, or the gateway stops. */
  signal: AbortSignal;
  stallMs: number;
  /** For how long nobody may want anything before it begins. */
  quietMs: number;
  /** It comes right after another test. */
  isQuiet: boolean;
  /** Requests and other work in the whole gateway: what a test takes of the processor, clients of other slots lack. */
  busyWith(): number;
}

/** News of an engine that has ended come a moment after its connections break. */
const newsMs = 1_000;

/**
 * Waits for its turn for as long as it takes, and begins again whenever it had to give way.
 * @throws the signal's reason, but for an engine that ended by itself: then the test has failed
 */
export async function testCapability(
  engine: MeasuredEngine,
  capability: TestedCapability,
  options: TestOptions,
): Promise<Verdict & { requestId: string }> {
  const { signal, stallMs, quietMs, isQuiet, busyWith } = options;
  const requestId = newRequestId(Date.now());
  const turnOptions = {
    requestId,
    endpoint: "capability-test",
    sequences: 1,
    signal,
    isFree: () => busyWith() === 0,
    quietMs,
    isQuiet,
    patienceMs: Number.POSITIVE_INFINITY,
    repeats: Number.POSITIVE_INFINITY,
    alone: { isCrowded: () => busyWith() > 1 },
  };
  const { value } = await takeTurn(engine, turnOptions, async (lease, turnSignal) => {
    try {
      return await checks[capability](askOver(lease, engine.planned.ctxSize, turnSignal, stallMs));
    } catch (error) {
      if (turnSignal.aborted) throw error;
      return failure(error, signal);
    }
  });
  return { ...value, requestId };
}

/** The request failed: because of what was asked, unless somebody has just unloaded the model. */
async function failure(error: unknown, signal: AbortSignal): Promise<Verdict> {
  if (isGatewayError(error) && error.code === "engine_crashed")
    await sleep(newsMs, undefined, { signal }).catch(() => undefined);
  const news: unknown = signal.reason;
  if (signal.aborted && isGatewayError(news) && news.code !== "unprocessable") throw news;
  const words = isGatewayError(error) ? error.message : String(error);
  const ended = isGatewayError(news) ? ` ${news.message}` : "";
  return { works: false, detail: `Its request failed: ${words}${ended}` };
}
