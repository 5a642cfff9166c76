/** What a gateway tells of itself: its metrics and its log. */
import type { Gateway } from "./running-gateway.ts";
import { waitFor } from "./wait.ts";

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The samples of Prometheus's text format. @throws Error at a line that is none */
export function samplesOf(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`Not a sample: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
}

/** Metrics at one moment. */
export class Scrape {
  constructor(readonly samples: readonly Sample[]) {}

  /** The sum of the samples that have these labels, among others. The name comes without its prefix. */
  value(name: string, labels: Record<string, string> = {}): number {
    return this.samples
      .filter((sample) => sample.name === `llm_gateway_${name}`)
      .filter((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
      .reduce((sum, { value }) => sum + value, 0);
  }
}

/** Reads the metrics with the admin's key. */
export async function scrape(gateway: Gateway): Promise<Scrape> {
  const headers = { authorization: `Bearer ${gateway.adminKey}` };
  const response = await gateway.fetch("/metrics", { headers });
  if (!response.ok) throw new Error(`/metrics gave ${response.status}: ${await response.text()}`);
  return new Scrape(samplesOf(await response.text()));
}

export interface RequestLine {
  msg: string;
  requestId: string;
  [field: string]: unknown;
}

/** The log's lines about requests, so far. The last one may not be whole. */
export function requestLines(gateway: Gateway): RequestLine[] {
  return gateway
    .logs()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as RequestLine)
    .filter(({ msg }) => msg === "Request.");
}

/** Waits for the line about a request, by its `x-request-id`. */
export function lineOf(gateway: Gateway, requestId: string | null): Promise<RequestLine> {
  return waitFor(`the log line of ${requestId}`, () =>
    requestLines(gateway).find((line) => line.requestId === requestId),
  );
}
