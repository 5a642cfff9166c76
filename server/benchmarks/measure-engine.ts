/** The benchmark of one ready engine. */
import type { BenchmarkResults } from "../../lib/benchmarks/results.ts";
import type { Measure } from "../../lib/benchmarks/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Capability, Lease } from "../../lib/slots/types.ts";
import type { MeasuredEngine } from "../slots/trials.ts";
import { measureText } from "./measure-text.ts";
import { measureVectors } from "./measure-vectors.ts";
import { takeTurn } from "./turn.ts";

export interface MeasureOptions {
  measure: Measure;
  /** How many requests at once, each to be measured. */
  streams: readonly number[];
  requestId: string;
  signal: AbortSignal;
  stallMs: number;
  /** @param share of the work that is done, from 0 to 1 */
  onProgress(share: number, step: string): void;
}

/** What a kind of model needs to be measured. */
export interface Bench extends MeasureOptions {
  engine: MeasuredEngine;
  /** Does the work in a turn of its own, and counts who ran beside it. */
  turn<Value>(sequences: number, work: (lease: Lease, signal: AbortSignal) => Promise<Value>): Promise<Value>;
}

/** An engine may be busy all day; who asked for the benchmark wants to know it. */
const patienceMs = 300_000;
const repeats = 10;

/**
 * @throws GatewayError 400 for a model of another kind; 409 where clients keep the engine busy; what went wrong with it
 */
export async function measureEngine(
  engine: MeasuredEngine,
  options: MeasureOptions,
): Promise<BenchmarkResults> {
  const { requestId, signal } = options;
  const startedMs = performance.now();
  const seen = { others: 0, repeated: 0, kind: "llama-server" as "llama-server" | "remote" };
  const bench: Bench = {
    ...options,
    engine,
    async turn(sequences, work) {
      const isFree = () => engine.busyWith() === 0;
      const waiting = { isFree, quietMs: 0, isQuiet: true, patienceMs, repeats, alone: null };
      const turnOptions = { requestId, endpoint: "benchmark", sequences, signal, ...waiting };
      const turn = await takeTurn(engine, turnOptions, (lease, turnSignal) => {
        seen.kind = lease.engine.kind;
        return work(lease, turnSignal);
      });
      seen.others += turn.others;
      seen.repeated += turn.repeated;
      return turn.value;
    },
  };
  const { id, capabilities } = engine.planned.model;
  const measured = isText(capabilities, id) ? await measureText(bench) : await measureVectors(bench);
  return {
    ...measured,
    rounds: options.measure.rounds,
    slot: engine.port,
    engine: seen.kind,
    other_requests: seen.others,
    repeated_rounds: seen.repeated,
    duration_ms: Math.round(performance.now() - startedMs),
  };
}

/** @throws GatewayError 400 for a model that does neither */
export function isText(capabilities: readonly Capability[], modelId: string): boolean {
  if (capabilities.includes("text")) return true;
  if (capabilities.includes("embedding")) return false;
  const kind = capabilities.join(", ") || "something else";
  throw new GatewayError(
    "invalid_request",
    `'${modelId}' is for ${kind}. Only text and embedding models can be measured.`,
    { param: "id" },
  );
}
