/** A histogram of prom-client's whose values were counted elsewhere. */
import { Histogram, type MetricObjectWithValues, type MetricValueWithName } from "prom-client";
import type { Distribution } from "./distribution.ts";

type Values = MetricObjectWithValues<MetricValueWithName<string>>;

export class TalliedHistogram extends Histogram<string> {
  readonly #name: string;
  /** Says what a histogram is, to whom asks. */
  readonly #blank: Histogram<string>;
  #byModel: readonly (readonly [model: string, distribution: Distribution])[] = [];

  constructor(name: string, help: string) {
    const options = { name, help, labelNames: ["model"], registers: [] };
    super(options);
    this.#name = name;
    this.#blank = new Histogram(options);
  }

  set(byModel: readonly (readonly [model: string, distribution: Distribution])[]): void {
    this.#byModel = byModel;
  }

  override async get(): Promise<Values> {
    const values = this.#byModel.flatMap(([model, distribution]) =>
      valuesOf(this.#name, model, distribution),
    );
    return { ...(await this.#blank.get()), values };
  }

  /** What the registry asks, if a metric has it. */
  getForPromString(): Promise<Values> {
    return this.get();
  }
}

/** In the text format a bucket counts everything up to its bound. */
function valuesOf(
  name: string,
  model: string,
  { bounds, counts, sum, count }: Distribution,
): Values["values"] {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { model, le: bound }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { model, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels: { model }, value: sum },
    { metricName: `${name}_count`, labels: { model }, value: count },
  ];
}
