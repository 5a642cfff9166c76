/** What a signal or an exit code says where the log says nothing. */
import { type EndFacts, lastMatch, type Rule } from "./facts.ts";
import { check, loadAgain, takeLess, updateEngine } from "./next-steps.ts";

/** Signals that nothing can be printed after: what stands in the log is not about them. */
export const deadlyRules: readonly Rule[] = [
  {
    cause: "killed_out_of_memory",
    find(facts) {
      if (!endedBy(facts, "SIGKILL") || !facts.isOutOfMemoryKill) return null;
      const message = "The system killed it (SIGKILL), because memory ran out.";
      return { message, nextStep: takeLess(facts) };
    },
  },
  {
    cause: "killed",
    find(facts) {
      if (!endedBy(facts, "SIGKILL")) return null;
      const isKnown = facts.isOutOfMemoryKill === false;
      const message = isKnown
        ? "Somebody killed it (SIGKILL); by the system's own count, it was not for want of memory."
        : "It was killed (SIGKILL): perhaps the machine ran out of memory.";
      return { message, nextStep: isKnown ? loadAgain : takeLess(facts) };
    },
  },
  {
    cause: "cpu_unsupported",
    find(facts) {
      if (!endedBy(facts, "SIGILL")) return null;
      const message = "It came to an instruction that this processor does not have (SIGILL).";
      return { message, nextStep: { ...updateEngine, text: forThisProcessor } };
    },
  },
];

const forThisProcessor =
  "Install a llama-server that was built for this processor: `npm run setup` tries others, `npm run doctor` shows them.";

export const otherRules: readonly Rule[] = [
  {
    cause: "file_changed",
    find(facts) {
      if (!endedBy(facts, "SIGBUS")) return null;
      const message =
        "A file that it had open became shorter, or its disk failed (SIGBUS): was the model overwritten while it ran?";
      return { message, nextStep: check("Load the model again, and replace model files only by renaming.") };
    },
  },
  {
    cause: "engine_bug",
    find(facts) {
      const signal = facts.exit?.signal;
      if (!signal || !["SIGSEGV", "SIGABRT", "SIGFPE", "SIGTRAP", "SIGSYS"].includes(signal)) return null;
      const assertion = lastMatch(facts, /(GGML_ASSERT\(.*\) failed)/, /^ +what\(\): +(.*)/);
      const words = assertion ? `: ${assertion[1]}` : "";
      return {
        message: `llama-server crashed by a mistake of its own (${signal})${words}.`,
        nextStep: updateEngine,
      };
    },
  },
  {
    cause: "ended_by_signal",
    find({ exit, lines }) {
      if (exit?.signal) return { message: `Somebody ended it (${exit.signal}).`, nextStep: loadAgain };
      const last = lines.at(-1) ?? "";
      if (exit?.code !== 0 || !last.includes("cleaning up before exit")) return null;
      return { message: "Somebody asked it to end (SIGTERM or SIGINT), and it did.", nextStep: loadAgain };
    },
  },
];

function endedBy({ exit }: EndFacts, signal: NodeJS.Signals): boolean {
  return exit?.signal === signal;
}
