/** The metrics service: counts requests in plain objects, and makes metrics of them when somebody asks. */
import { Counter, Gauge, Registry } from "prom-client";
import { dollarsFromNanos } from "../money/nanos.ts";
import type { Accounts, Settlement } from "../money/types.ts";
import type { SlotSnapshot, Slots } from "../slots/types.ts";
import { slotStatuses } from "../slots/types.ts";
import { type Definition, definitions, type MetricName, metricNames, prefix } from "./definitions.ts";
import type { Distribution } from "./distribution.ts";
import { EventLoopMeter } from "./event-loop.ts";
import { TalliedHistogram } from "./tallied-histogram.ts";
import { type ModelTally, Tally } from "./tally.ts";
import type { Metrics, RequestTotals } from "./types.ts";

const microsPerSecond = 1e6;

export interface MetricsSources {
  slots: Pick<Slots, "snapshot">;
  accounts: Pick<Accounts, "storageOk" | "settlementsWaiting">;
}

export function createMetrics(sources: MetricsSources): Metrics {
  return new PrometheusMetrics(sources);
}

class PrometheusMetrics implements Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #values = new Map<MetricName, Counter | Gauge>();
  readonly #histograms = new Map<MetricName, TalliedHistogram>();
  readonly #tally = new Tally();
  readonly #eventLoop = new EventLoopMeter();

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    for (const name of metricNames) this.#define(name, definitions[name]);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  settled(settlement: Settlement): void {
    this.#tally.settled(settlement);
  }

  answered(endpoint: string, status: number): void {
    this.#tally.others.add(endpoint, status);
  }

  totals(): RequestTotals {
    return this.#tally.totals();
  }

  async text(): Promise<string> {
    const slots = await this.#sources.slots.snapshot();
    // In one step, so that a second reader does not find half of it.
    for (const metric of this.#values.values()) metric.reset();
    this.#showRequests();
    for (const slot of slots) this.#showSlot(slot);
    for (const status of slotStatuses)
      this.#show("slots", slots.filter((slot) => slot.status === status).length, { status });
    this.#showStorage();
    this.#showProcess();
    return this.#registry.metrics();
  }

  #define(name: MetricName, { type, help, labels, bounds }: Definition): void {
    const options = { name: prefix + name, help, labelNames: labels, registers: [this.#registry] };
    if (bounds) {
      const histogram = new TalliedHistogram(options.name, help);
      this.#registry.registerMetric(histogram);
      this.#histograms.set(name, histogram);
    } else this.#values.set(name, type === "counter" ? new Counter(options) : new Gauge(options));
  }

  #show(name: MetricName, value: number, labels: Record<string, string | number> = {}): void {
    this.#values.get(name)?.inc(labels, value);
  }

  #showRequests(): void {
    const { models, others } = this.#tally;
    for (const { endpoint, status, count } of others)
      this.#show("requests_total", count, { endpoint, model: "", status });
    for (const [model, tally] of models) {
      for (const { endpoint, status, count } of tally.requests)
        this.#show("requests_total", count, { endpoint, model, status });
      this.#show("tokens_total", tally.promptTokens, { model, kind: "prompt" });
      this.#show("tokens_total", tally.cachedTokens, { model, kind: "cached" });
      this.#show("tokens_total", tally.completionTokens, { model, kind: "completion" });
      this.#show("cost_dollars_total", dollarsFromNanos(tally.costNanos), { model });
    }
    this.#showDistributions("request_duration_seconds", ({ durationS }) => durationS);
    this.#showDistributions("first_token_seconds", ({ firstTokenS }) => firstTokenS);
    this.#showDistributions("queue_wait_seconds", ({ queueS }) => queueS);
    this.#showDistributions("tokens_per_second", ({ tokensPerSecond }) => tokensPerSecond);
  }

  #showDistributions(name: MetricName, of: (tally: ModelTally) => Distribution): void {
    const byModel = [...this.#tally.models].map(([model, tally]) => [model, of(tally)] as const);
    this.#histograms.get(name)?.set(byModel);
  }

  #showSlot({ port, status, modelName, inFlight, queued, ramBytes, cpuTimeS }: SlotSnapshot): void {
    if (status === "empty") return;
    const labels = { slot: port, model: modelName ?? "" };
    this.#show("requests_in_flight", inFlight, labels);
    this.#show("requests_queued", queued, labels);
    if (ramBytes !== null) this.#show("engine_resident_memory_bytes", ramBytes, labels);
    if (cpuTimeS !== null) this.#show("engine_cpu_seconds_total", cpuTimeS, labels);
  }

  #showStorage(): void {
    const { accounts } = this.#sources;
    this.#show("settlements_waiting", accounts.settlementsWaiting());
    this.#show("storage_ok", accounts.storageOk() ? 1 : 0);
  }

  #showProcess(): void {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const { activeS, lagP99S, lagMaxS } = this.#eventLoop.report();
    this.#show("process_resident_memory_bytes", rss);
    this.#show("process_heap_used_bytes", heapUsed);
    this.#show("process_cpu_seconds_total", (user + system) / microsPerSecond);
    this.#show("process_start_time_seconds", performance.timeOrigin / 1000);
    this.#show("event_loop_active_seconds_total", activeS);
    this.#show("event_loop_lag_p99_seconds", lagP99S);
    this.#show("event_loop_lag_max_seconds", lagMaxS);
  }
}
