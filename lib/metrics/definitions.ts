/** Every metric: its name, kind, labels and meaning. The registry is built from these, and the documentation checked. */
import { secondsBounds, tokensPerSecondBounds } from "./tally.ts";

export interface Definition {
  type: "counter" | "gauge" | "histogram";
  labels: readonly string[];
  help: string;
  /** Of a histogram. */
  bounds?: readonly number[];
}

export const prefix = "llm_gateway_";

const byModel = ["model"];
const bySlot = ["slot", "model"];

const counter = (labels: readonly string[], help: string): Definition => ({ type: "counter", labels, help });
const gauge = (labels: readonly string[], help: string): Definition => ({ type: "gauge", labels, help });
const histogram = (help: string, bounds: readonly number[] = secondsBounds): Definition => ({
  type: "histogram",
  labels: byModel,
  help,
  bounds,
});

export const definitions = {
  requests_total: counter(
    ["endpoint", "model", "status"],
    "Requests to /v1 by their end; the model is empty for look-ups, for refusals before a model was admitted, and for repeats that got a kept answer",
  ),
  tokens_total: counter(["model", "kind"], "Tokens of kind prompt, cached (a part of prompt) and completion"),
  cost_dollars_total: counter(byModel, "What requests were worth at their model's price, in dollars"),
  request_duration_seconds: histogram("From a request's arrival to its settlement"),
  first_token_seconds: histogram("From a request's arrival to the first part of its answer"),
  queue_wait_seconds: histogram("How long a request waited for its turn on an engine"),
  tokens_per_second: histogram("How fast an answer was written after its first part", tokensPerSecondBounds),
  requests_in_flight: gauge(bySlot, "Requests that have a sequence of this slot's engine"),
  requests_queued: gauge(
    bySlot,
    "Requests that wait; a line before several slots counts for the first of them",
  ),
  slots: gauge(["status"], "Slots by status"),
  engine_resident_memory_bytes: gauge(bySlot, "Memory of an engine's processes (Linux only)"),
  engine_cpu_seconds_total: counter(
    bySlot,
    "CPU time of an engine's processes since it was started (Linux only)",
  ),
  settlements_waiting: gauge([], "Settlements that are not yet on disk"),
  storage_ok: gauge([], "1 while settlements can be written, 0 while requests are refused as they cannot"),
  process_resident_memory_bytes: gauge([], "Memory of the gateway's process, without engines"),
  process_heap_used_bytes: gauge([], "JavaScript objects of the gateway's main thread"),
  process_cpu_seconds_total: counter([], "CPU time of the gateway's process, without engines"),
  process_start_time_seconds: gauge([], "When the gateway was started, in seconds since 1970"),
  event_loop_active_seconds_total: counter(
    [],
    "How long the main thread was busy: its rate is the utilisation",
  ),
  event_loop_lag_p99_seconds: gauge([], "Delay of the main thread since the last scrape, 99th percentile"),
  event_loop_lag_max_seconds: gauge([], "The longest delay of the main thread since the last scrape"),
} satisfies Record<string, Definition>;

export type MetricName = keyof typeof definitions;

export const metricNames = Object.keys(definitions) as MetricName[];
