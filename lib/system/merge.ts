/** Sums up samples: minutes to an hour, or two pieces of one minute. */
import type { Span, SystemSample } from "./schemas.ts";

type SlotPart = SystemSample["slots"][number];
type GpuPart = SystemSample["gpus"][number];

/** Averages count by how long a time each stands for, those of requests by how many there were. */
export function mergeSamples(one: SystemSample, other: SystemSample): SystemSample {
  const byTime = (first: Span, second: Span) => mergeSpans(first, second, one.seconds, other.seconds);
  return {
    seconds: one.seconds + other.seconds,
    cpu_percent: byTime(one.cpu_percent, other.cpu_percent),
    memory_used_gb: byTime(one.memory_used_gb, other.memory_used_gb),
    disk_used_gb: mergeOptional(one.disk_used_gb, other.disk_used_gb, one.seconds, other.seconds),
    gateway_ram_mb: byTime(one.gateway_ram_mb, other.gateway_ram_mb),
    slots: mergeLists(one.slots, other.slots, ({ port, model }) => `${port} ${model}`, mergeSlots),
    gpus: mergeLists(one.gpus, other.gpus, ({ vendor, index }) => `${vendor} ${index}`, mergeGpus),
    ready_models: byTime(one.ready_models, other.ready_models),
    queue_length: byTime(one.queue_length, other.queue_length),
    requests: one.requests + other.requests,
    tokens_in: one.tokens_in + other.tokens_in,
    tokens_out: one.tokens_out + other.tokens_out,
    tokens_per_second: byTime(one.tokens_per_second, other.tokens_per_second),
    first_token_p50_ms: mergeOptional(
      one.first_token_p50_ms,
      other.first_token_p50_ms,
      one.requests,
      other.requests,
    ),
  };
}

/** A slot or GPU that was there for a part of the time has averages of that part. */
function mergeSlots(one: SlotPart, other: SlotPart): SlotPart {
  const byTime = (first: Span | null, second: Span | null) =>
    mergeOptional(first, second, one.seconds, other.seconds);
  return {
    ...other,
    seconds: one.seconds + other.seconds,
    ram_mb: byTime(one.ram_mb, other.ram_mb),
    cpu_percent: byTime(one.cpu_percent, other.cpu_percent),
  };
}

function mergeGpus(one: GpuPart, other: GpuPart): GpuPart {
  return {
    ...other,
    seconds: one.seconds + other.seconds,
    used_gb: mergeSpans(one.used_gb, other.used_gb, one.seconds, other.seconds),
    busy_percent: mergeOptional(one.busy_percent, other.busy_percent, one.seconds, other.seconds),
  };
}

function mergeLists<Part>(
  ones: readonly Part[],
  others: readonly Part[],
  nameOf: (part: Part) => string,
  merge: (one: Part, other: Part) => Part,
): Part[] {
  const merged = new Map(ones.map((part) => [nameOf(part), part]));
  for (const part of others) {
    const before = merged.get(nameOf(part));
    merged.set(nameOf(part), before ? merge(before, part) : part);
  }
  return [...merged.values()];
}

function mergeOptional(one: Span | null, other: Span | null, weight: number, otherWeight: number) {
  if (!one || !other) return one ?? other;
  return mergeSpans(one, other, weight, otherWeight);
}

function mergeSpans(one: Span, other: Span, weight: number, otherWeight: number): Span {
  const whole = weight + otherWeight;
  const share = whole > 0 ? otherWeight / whole : 0.5;
  return { avg: rounded(one.avg + (other.avg - one.avg) * share), max: Math.max(one.max, other.max) };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
