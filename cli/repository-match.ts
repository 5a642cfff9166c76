/** How well the name of a repository fits the words that somebody asks for it by. */

/** A run of letters, or a number with its decimals, as `qwen` and `2.5` of `Qwen2.5`. */
interface Atom {
  text: string;
  isNumber: boolean;
  /** Nothing of the same word stands before it. */
  isStart: boolean;
  /** Nothing of the same word stands behind it. */
  isEnd: boolean;
}

/** What nearly each repository has in its name: it makes no other model. */
const usualWords = ["gguf", "instruct", "it", "chat"];
/** Fewer letters than these are in too many words: they have to be a whole run. */
const minPartLetters = 3;

/**
 * How many words of the repository's name nobody asked for; null where it has not all that was asked for. Hyphens stand for
 * nothing, so that `qwen 2.5` means `Qwen2.5`; a number only ever means the whole number, so that `4b` is not in `14B`,
 * `A4B` or `4bit`, and `3` not in `3.5` or `3B`. Letters may be a part of a word, which then counts as one too many.
 * @param id as `Qwen/Qwen3-4B-GGUF`
 */
export function surplusWords(id: string, words: string): number | null {
  const slash = id.indexOf("/");
  const owner = atomsOf(id.slice(0, Math.max(slash, 0)));
  const name = atomsOf(id.slice(slash + 1));
  const covered = new Set<Atom>();
  let surplus = 0;
  for (const piece of words.split(/[\s_/-]+/).map(atomsOf)) {
    if (piece.length === 0) continue;
    const matched = matchesOf(piece, name);
    if (matched.length === 0 && matchesOf(piece, owner).length === 0) return null;
    if (matched.length === 0) surplus++;
    for (const run of matched)
      run.forEach((atom, index) => {
        if (atom.text === piece[index]?.text) covered.add(atom);
      });
  }
  const strange = (word: Atom[]) =>
    word.some((atom) => !covered.has(atom)) && !usualWords.includes(word.map(({ text }) => text).join(""));
  return surplus + wordsOf(name).filter(strange).length;
}

function atomsOf(text: string): Atom[] {
  const found = [...text.toLowerCase().matchAll(/\p{L}+|\p{N}+(?:\.\p{N}+)*/gu)];
  return found.map(({ 0: run, index }, at) => {
    const before = found[at - 1];
    return {
      text: run,
      isNumber: /^\p{N}/u.test(run),
      isStart: before === undefined || before.index + before[0].length < index,
      isEnd: found[at + 1]?.index !== index + run.length,
    };
  });
}

function wordsOf(atoms: readonly Atom[]): Atom[][] {
  const words: Atom[][] = [];
  for (const atom of atoms) {
    if (atom.isStart) words.push([]);
    words.at(-1)?.push(atom);
  }
  return words;
}

/** All places where the piece stands. */
function matchesOf(piece: readonly Atom[], atoms: readonly Atom[]): Atom[][] {
  return atoms
    .map((_, at) => atoms.slice(at, at + piece.length))
    .filter(
      (run) =>
        run.length === piece.length && run.every((atom, index) => fits(atom, piece, index)) && !isCut(run),
    );
}

function fits({ text, isNumber }: Atom, piece: readonly Atom[], index: number): boolean {
  const wanted = piece[index];
  if (wanted?.text === text) return true;
  if (!wanted || isNumber || wanted.isNumber || wanted.text.length < minPartLetters) return false;
  const [isFirst, isLast] = [index === 0, index === piece.length - 1];
  if (isFirst && isLast) return text.includes(wanted.text);
  return isFirst && text.endsWith(wanted.text);
}

/** `3b` of `A3B` is another size, and `3` of `3n` another model; `3` of `Qwen3` is meant. */
function isCut(run: readonly Atom[]): boolean {
  const [first, last] = [run[0], run.at(-1)];
  const beginsInside = first?.isNumber && !first.isStart && run.length > 1;
  return Boolean(beginsInside || (last?.isNumber && !last.isEnd));
}
