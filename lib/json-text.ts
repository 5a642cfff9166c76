/** Bounds on JSON text, checked before a parser reads it: what is short in bytes may still take seconds to parse. */

/** How much a text may hold. */
export interface TextBounds {
  /** Objects and arrays within each other. */
  levels: number;
  /** Values, however deep: text, numbers, objects, arrays. */
  values: number;
}

/**
 * Names the first bound that a JSON text goes beyond, or null. What stands inside strings does not count; text that is no
 * JSON is read up to where a parser would stop as well.
 */
export function exceededBound(text: string, most: TextBounds): keyof TextBounds | null {
  let levels = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character < quote || (character > comma && character < openBracket)) continue; // Blanks, numbers, colons.
    if (character === quote) {
      index = stringEnd(text, index);
      if (index === -1) return null;
    } else if (character === comma) {
      if (++values > most.values) return "values";
    } else if (character === openBracket || character === openBrace) {
      if (++levels > most.levels) return "levels";
      if (++values > most.values) return "values"; // The first one inside; a comma announces each further one.
    } else if (character === closeBracket || character === closeBrace) levels--;
  }
  return null;
}

/** More levels than any JSON needs that people write; thousands of them were seen to end engines. */
export const maxLevels = 64;

/** True when JSON text nests deeper than anybody should be asked to follow. */
export function nestsTooDeep(text: string): boolean {
  return exceededBound(text, { levels: maxLevels, values: Number.POSITIVE_INFINITY }) === "levels";
}

const [quote, comma, backslash] = [0x22, 0x2c, 0x5c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Index of the quote that ends the string which begins at `start`, or -1. Most strings are skipped by native search. */
function stringEnd(text: string, start: number): number {
  const next = text.indexOf('"', start + 1);
  if (next === -1 || text.charCodeAt(next - 1) !== backslash) return next;
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === quote) return index;
    if (character === backslash) index++;
  }
  return -1;
}
