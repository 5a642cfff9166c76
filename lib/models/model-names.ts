/** What names alone say of models: for older files, whose headers say too little. */

/**
 * `embed` and its like as a word of its own, or the families that do without it. Not `embed` before a precision: some
 * file names tell so how the embedding table is kept (`-embed-f16`). Not `e5` or `gte` alone: those are epochs as well.
 */
const embedding = [
  /(^|[-_. ])(embed(ding)?s?|colbert|colpali|colqwen\d?)(?![-_. ]?(b?f16|f32|q\d))([-_. \d]|$)/i,
  /(^|[-_. ])(e5-mistral|multilingual-e5|e5-(small|base|large)|gte-(qwen|small|base|large|modern|multilingual))/i,
  /(^|[-_. ])(bge-(m3|en|multilingual|small|base|large|code)|gme-qwen|stella[-_]en|inf-retriever|f2llm)/i,
];
const reranker = /(^|[-_. ])(re-?rank(er|ing)?|zerank|cross-encoder)([-_. \d]|$)/i;
const speech =
  /(^|[-_. ])((oute|neu|vyvo|spark|kani|dots|mira|sauerkraut)?-?tts|kokoro|orpheus|wavtokenizer|llasa|csm)([-_. \d]|$)/i;

/** True for the name of a model that gives vectors. */
export function namesEmbedding(name: string): boolean {
  return embedding.some((pattern) => pattern.test(name));
}

/** True for the name of a model that scores documents. */
export function namesReranker(name: string): boolean {
  return reranker.test(name);
}

/** True for the name of a model that speaks. */
export function namesSpeech(name: string): boolean {
  return speech.test(name);
}
