/** Prompts of a wanted length, no two alike: what an engine has in its cache would flatter it. */

const words =
  `time year people way day man thing woman life child world school state family student group country problem hand part
  place case week company system program question work government number night point home water room mother area money
  story fact month lot right study book eye job word business issue side kind head house service friend father power hour
  game line end member law car city community name president team minute idea body information back parent face others
  level office door health person art war history party result change morning reason research girl guy moment air teacher
  force education river stone garden winter engine letter window market village mountain paper music summer bridge table`.split(
    /\s+/,
  );

/**
 * @param random from 0 to 1, as `Math.random`
 * @returns words in no order, as a text; its beginning is as random as the rest
 */
export function wordsInNoOrder(count: number, random: () => number = Math.random): string {
  return Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(" ");
}

/** How many words make a prompt of so many tokens, after one of `words` words was counted. */
export function wordsFor(tokens: number, counted: { words: number; tokens: number }): number {
  return Math.max(1, Math.round((tokens * counted.words) / Math.max(1, counted.tokens)));
}

/** What of a measure this context holds: half for a prompt, a quarter for an answer, the rest for what counts can be off. */
export function lengthsWithin(
  { promptTokens, outputTokens }: { promptTokens: number; outputTokens: number },
  contextLength: number | null,
): { promptTokens: number; outputTokens: number } {
  if (contextLength === null) return { promptTokens, outputTokens };
  return {
    promptTokens: Math.max(1, Math.min(promptTokens, Math.floor(contextLength / 2))),
    outputTokens: Math.max(1, Math.min(outputTokens, Math.floor(contextLength / 4))),
  };
}
