/** From the times of single requests to speeds. All times are monotonic milliseconds of one clock. */

/** One request to a text model. */
export interface AnswerTimes {
  sentMs: number;
  /** When its first token came, and its last. */
  firstMs: number;
  lastMs: number;
  /** That the engine read: without what it had in its cache. */
  readTokens: number;
  /** Of the answer, and how many of them came with the first piece. */
  outputTokens: number;
  firstTokens: number;
}

/** One text to an embedding model. */
export interface VectorTimes {
  sentMs: number;
  answeredMs: number;
  tokens: number;
}

/** How fast requests that were sent together were read: tokens of all in a second, until the last one's first token. */
export function promptRate(requests: readonly AnswerTimes[]): number {
  const tokens = sum(requests.map(({ readTokens }) => readTokens));
  return perSecond(
    tokens,
    spanMs(requests.map(({ sentMs, firstMs }) => ({ fromMs: sentMs, toMs: firstMs }))),
  );
}

/**
 * How fast answers were written: tokens after each one's first, over the time in which any of them was being written.
 * Null where no answer went on after its first piece.
 */
export function generationRate(requests: readonly AnswerTimes[]): number | null {
  const written = requests.filter(({ outputTokens, firstTokens }) => outputTokens > firstTokens);
  const tokens = sum(written.map(({ outputTokens, firstTokens }) => outputTokens - firstTokens));
  const durationMs = coveredMs(written.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })));
  return tokens === 0 || durationMs === 0 ? null : perSecond(tokens, durationMs);
}

export function firstTokenMs(requests: readonly AnswerTimes[]): number {
  return median(requests.map(({ sentMs, firstMs }) => firstMs - sentMs));
}

/** Texts and tokens in a second, and how long one text took. */
export function vectorRates(texts: readonly VectorTimes[]): {
  textsPerS: number;
  tokensPerS: number;
  textMs: number;
} {
  const durationMs = spanMs(texts.map(({ sentMs, answeredMs }) => ({ fromMs: sentMs, toMs: answeredMs })));
  return {
    textsPerS: perSecond(texts.length, durationMs),
    tokensPerS: perSecond(sum(texts.map(({ tokens }) => tokens)), durationMs),
    textMs: median(texts.map(({ sentMs, answeredMs }) => answeredMs - sentMs)),
  };
}

/** The middle one, or the mean of the two in the middle. @throws RangeError of nothing */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  if (low === undefined || high === undefined) throw new RangeError("Nothing has no median.");
  return (low + high) / 2;
}

/** To three digits, as more would claim what a benchmark cannot know. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

interface Span {
  fromMs: number;
  toMs: number;
}

/** From the first beginning to the last end. */
function spanMs(spans: readonly Span[]): number {
  return Math.max(...spans.map(({ toMs }) => toMs)) - Math.min(...spans.map(({ fromMs }) => fromMs));
}

/** The time that at least one of them covers. */
function coveredMs(spans: readonly Span[]): number {
  let coveredMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    coveredMs += Math.max(0, toMs - Math.max(fromMs, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return coveredMs;
}

function perSecond(count: number, durationMs: number): number {
  return durationMs === 0 ? 0 : (count / durationMs) * 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
