/** Which repository and which of its files somebody means who asks for a model by a few words. */
import type { HubFilesReply, HubModelReply } from "../lib/admin/schemas/models-hub.ts";
import { CommandError } from "./command-error.ts";
import { surplusWords } from "./repository-match.ts";

export interface Wanted {
  /** As `Qwen/Qwen2.5-3B-Instruct-GGUF`; null where only words of it were given. */
  repoId: string | null;
  words: string;
  /** As `Q4_K_M`. */
  quantization: string | null;
}

type HubEntry = HubFilesReply["files"][number];

/** Reads `words`, `owner/repository`, and either with `:QUANTISATION` behind it. */
export function readWanted(text: string): Wanted {
  const [words = "", quantization = null] = text.split(":", 2);
  const repoId = /^[\w.-]+\/[\w.-]+$/.test(words) ? words : null;
  return { repoId, words, quantization };
}

/**
 * The repository that is meant: of those whose name has all the words, the one with the fewest others. Among equals one that
 * anybody may read, and the most downloaded.
 * @param found most downloaded first
 * @throws CommandError where there is none
 */
export function chooseRepository(found: readonly HubModelReply[], words: string): HubModelReply {
  const named = found.flatMap((repository) => {
    const surplus = surplusWords(repository.id, words);
    return surplus === null ? [] : [{ repository, surplus }];
  });
  const fewest = Math.min(...named.map(({ surplus }) => surplus));
  const meant = named.filter(({ surplus }) => surplus === fewest).map(({ repository }) => repository);
  const open = meant.find(({ gated, private: isPrivate }) => gated === false && !isPrivate);
  const chosen = open ?? meant[0];
  if (chosen) return chosen;
  const others = found.slice(0, 5).map(({ id }) => id);
  const hint = others.length > 0 ? ` Similar: ${others.join(", ")}.` : "";
  throw new CommandError(`The hub has no GGUF model whose name has '${words}'.${hint}`);
}

/**
 * The file to fetch: of the quantisation that was named, else the recommended one.
 * @param force takes the smallest where none fits
 * @throws CommandError where there is no such quantisation, or none fits
 */
export function chooseEntry(
  { repo_id, files, recommended }: Pick<HubFilesReply, "repo_id" | "files" | "recommended">,
  quantization: string | null,
  force: boolean,
): { entry: HubEntry; reason: string } {
  const whole = files.filter(({ missing_parts }) => missing_parts.length === 0);
  if (quantization !== null) {
    const entry = whole.find((file) => file.quantization?.toLowerCase() === quantization.toLowerCase());
    if (!entry) throw new CommandError(`${repo_id} has no ${quantization}. It has: ${names(whole)}.`);
    if (entry.fit?.verdict === "does_not_fit" && !force)
      throw new CommandError(`${entry.fit.sentence} With --force it is fetched all the same.`);
    return { entry, reason: entry.fit?.sentence ?? "" };
  }
  const entry = whole.find(({ filename }) => filename === recommended?.filename);
  if (entry && recommended) return { entry, reason: recommended.reason };
  const [smallest] = whole;
  if (!smallest) throw new CommandError(`${repo_id} has no whole GGUF model.`);
  if (force || smallest.fit === null)
    return { entry: smallest, reason: smallest.fit?.sentence ?? "The smallest." };
  throw new CommandError(
    `No model of ${repo_id} fits. The smallest, ${smallest.name}: ${smallest.fit.sentence} With --force it is fetched all the same.`,
  );
}

function names(files: readonly HubEntry[]): string {
  return [...new Set(files.map(({ quantization, name }) => quantization ?? name))].join(", ");
}
