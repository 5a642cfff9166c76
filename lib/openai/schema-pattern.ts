/** Regular expressions of JSON schemas, before an engine makes a grammar of them. */

const maxLength = 200;
const maxOperators = 16;
const maxRepetitions = 1_000;

/**
 * What is wrong with a `pattern`, or null. llama-server was seen to take all memory over a count or range that is the
 * wrong way round, and to stop for every client over hundreds of stars or alternatives, or over counts within counts.
 */
export function patternFault(pattern: string): string | null {
  if (pattern.length > maxLength) return `at most ${maxLength} characters`;
  if (!pattern.isWellFormed()) return "only whole Unicode characters";
  if (/\(\?(?!:)|\\[1-9]/.test(pattern)) return "no look-around, no references";
  if (countsNest(pattern)) return "no count inside a counted group";
  if ((pattern.match(/[*+?|{]/g)?.length ?? 0) > maxOperators)
    return `at most ${maxOperators} of the operators * + ? | {`;
  for (const [, count] of pattern.matchAll(/[{,](\d+)/g))
    if (Number(count) > maxRepetitions) return `repetitions of at most ${maxRepetitions}`;
  try {
    new RegExp(pattern); // Also refuses counts and ranges that are the wrong way round.
    return null;
  } catch {
    return "a valid regular expression";
  }
}

/** Whether a group that is repeated by a count holds another count: what that can match grows without bounds. */
function countsNest(pattern: string): boolean {
  const groupHasCount: boolean[] = [false];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "\\") index++;
    else if (character === "(") groupHasCount.push(false);
    else if (character === "{") groupHasCount[groupHasCount.length - 1] = true;
    else if (character === ")") {
      const hasCount = groupHasCount.pop() ?? false;
      if (hasCount && pattern[index + 1] === "{") return true;
      if (hasCount) groupHasCount[groupHasCount.length - 1] = true;
    }
  }
  return false;
}
