/** Which layers of a model look back over a window of tokens alone, and so cache no more than that. */

/**
 * Every how many layers one sees everything, and whether that is the first of them or the last. 0: none does; 1: all do.
 * It stands in llama.cpp's loaders (src/models, `set_swa_pattern`) and only in part in the files.
 */
const patterns: Readonly<Record<string, readonly [period: number, denseFirst: boolean]>> = {
  afmoe: [4, false],
  cohere2: [4, false],
  deepseek4: [0, false],
  "exaone-moe": [4, false],
  exaone4: [4, false],
  "gemma-embedding": [6, false],
  gemma2: [2, false],
  gemma3: [6, false],
  gemma3n: [5, false],
  "gpt-oss": [2, false],
  laguna: [4, true],
  llama4: [4, false],
  "modern-bert": [3, true],
  olmo2: [4, false],
  phi3: [1, false],
  plamo3: [8, false],
  smallthinker: [4, true],
};

/**
 * True for each layer that sees the window alone.
 * @param named the header's `attention.sliding_window_pattern`: a period, or one truth value for each layer
 * @returns null where neither the header nor llama.cpp's loader says it
 */
export function windowedLayers(
  architecture: string | null,
  named: unknown,
  layers: number,
): boolean[] | null {
  if (Array.isArray(named)) return named.length < layers ? null : named.slice(0, layers).map(Boolean);
  const [usual, denseFirst] = patterns[architecture ?? ""] ?? [null, false];
  const period = typeof named === "number" || typeof named === "bigint" ? Number(named) : usual;
  if (period === null) return null;
  return Array.from({ length: layers }, (_, layer) => {
    if (period <= 0) return true;
    return denseFirst ? layer % period !== 0 : layer % period < period - 1;
  });
}
