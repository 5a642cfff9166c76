/** Says why an engine is not there any more. A pure function over a table of rules: the first one that fits counts. */
import { commandRules } from "./command-rules.ts";
import type { Diagnosis, EndFacts, Rule } from "./facts.ts";
import { fileRules } from "./file-rules.ts";
import { memoryRules } from "./memory-rules.ts";
import { deadlyRules, otherRules } from "./process-rules.ts";

/** What is only printed while loading says nothing of an engine that has worked since. */
const startRules: readonly Rule[] = [...fileRules, ...commandRules];

/** Lines of its output that go with what is not understood. */
const shownLines = 8;

export function diagnose(facts: EndFacts): Diagnosis {
  if (facts.known) return facts.known;
  const rules = [...deadlyRules, ...memoryRules, ...(facts.wasReady ? [] : startRules), ...otherRules];
  for (const { cause, find } of rules) {
    const found = find(facts);
    if (found) return { cause, ...found };
  }
  return unknown(facts);
}

function unknown({ exit, lines }: EndFacts): Diagnosis {
  const end = exit?.code == null ? "" : ` with exit code ${exit.code}`;
  const log = lines.slice(-shownLines);
  const words = log.length > 0 ? "Its last lines:" : "It printed nothing.";
  const message = [`llama-server ended${end}, for an unknown reason. ${words}`, ...log].join("\n");
  return { cause: "unknown", message, nextStep: null };
}
