/** What requests amount to since the start: plain numbers, which are turned into metrics when somebody asks for them. */
import type { Settlement } from "../money/types.ts";
import { Distribution } from "./distribution.ts";
import type { RequestTotals } from "./types.ts";

export const secondsBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
] as const;
export const tokensPerSecondBounds = [1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000] as const;

/** Requests by endpoint, then by status. */
export class RequestCounts {
  readonly #byEndpoint = new Map<string, Map<number, number>>();

  add(endpoint: string, status: number): void {
    let byStatus = this.#byEndpoint.get(endpoint);
    if (!byStatus) {
      byStatus = new Map();
      this.#byEndpoint.set(endpoint, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }

  *[Symbol.iterator](): Generator<{ endpoint: string; status: number; count: number }> {
    for (const [endpoint, byStatus] of this.#byEndpoint)
      for (const [status, count] of byStatus) yield { endpoint, status, count };
  }
}

/** Of one model. */
export class ModelTally {
  readonly requests = new RequestCounts();
  promptTokens = 0;
  /** Part of `promptTokens`. */
  cachedTokens = 0;
  completionTokens = 0;
  costNanos = 0;
  readonly durationS = new Distribution(secondsBounds);
  readonly firstTokenS = new Distribution(secondsBounds);
  readonly queueS = new Distribution(secondsBounds);
  readonly tokensPerSecond = new Distribution(tokensPerSecondBounds);

  add(settlement: Settlement): void {
    const { completionTokens, durationMs, firstTokenMs } = settlement;
    this.requests.add(settlement.endpoint, settlement.httpStatus);
    this.promptTokens += settlement.promptTokens;
    this.cachedTokens += settlement.cachedTokens;
    this.completionTokens += completionTokens;
    this.costNanos += settlement.costNanos;
    this.durationS.add(durationMs / 1000);
    // Who got no engine did not wait for its turn to the end.
    if (settlement.slotPort !== null) this.queueS.add(settlement.queueMs / 1000);
    if (firstTokenMs === null) return;
    this.firstTokenS.add(firstTokenMs / 1000);
    const writingMs = durationMs - firstTokenMs;
    if (completionTokens > 1 && writingMs > 0)
      this.tokensPerSecond.add(((completionTokens - 1) / writingMs) * 1000);
  }
}

export class Tally {
  readonly models = new Map<string, ModelTally>();
  /** Look-ups, and refusals before a model was admitted. */
  readonly others = new RequestCounts();

  settled(settlement: Settlement): void {
    let model = this.models.get(settlement.model);
    if (!model) {
      model = new ModelTally();
      this.models.set(settlement.model, model);
    }
    model.add(settlement);
  }

  totals(): RequestTotals {
    const tallies = [...this.models.values()];
    const sum = (of: (tally: ModelTally) => number) => tallies.reduce((all, tally) => all + of(tally), 0);
    return {
      requests: sum(({ durationS }) => durationS.count),
      promptTokens: sum(({ promptTokens }) => promptTokens),
      completionTokens: sum(({ completionTokens }) => completionTokens),
      firstTokenCounts: [...secondsBounds, null].map((_, index) =>
        sum(({ firstTokenS }) => firstTokenS.counts[index] ?? 0),
      ),
    };
  }
}
