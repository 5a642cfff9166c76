/** What it was asked for and cannot do. Texts: llama-server 0.7.0 and dash; see provoked.test.ts. */
import type { NextStep } from "../../../lib/slots/types.ts";
import { lastMatch, type Rule } from "./facts.ts";
import { check, loadAgain, updateEngine } from "./next-steps.ts";

export const commandRules: readonly Rule[] = [
  {
    cause: "port_taken",
    find(facts) {
      const port = lastMatch(facts, /couldn't bind HTTP server socket, hostname: .*, port: (\d+)/);
      if (!port) return null;
      return { message: `Another program took port ${port[1]} at the last moment.`, nextStep: loadAgain };
    },
  },
  {
    cause: "bad_option",
    find(facts) {
      const unknown = lastMatch(facts, /^error: invalid argument: (.*)/);
      if (unknown) return { message: `llama-server knows no option ${unknown[1]}.`, nextStep: updateEngine };
      const wrong = lastMatch(facts, /^error while handling argument "(.*)": (?:error: )?(.*)/);
      if (!wrong) return null;
      // The standard library's name for "no number" is all that is said of it.
      const reason = wrong[2]?.startsWith("sto") ? "not a number" : wrong[2];
      const nextStep = check(`Change what becomes ${wrong[1]}, or leave it out.`);
      return { message: `llama-server does not take the value of ${wrong[1]}: ${reason}.`, nextStep };
    },
  },
  {
    cause: "cache_type",
    find(facts) {
      const heads = lastMatch(facts, /(\w) cache type (\S+) with block size (\d+) does not divide .*=(\d+)/);
      if (heads) {
        const message = `The context cannot be stored as ${heads[2]}: that takes heads of a multiple of ${heads[3]}, this model's have ${heads[4]}.`;
        return { message, nextStep: plainCache };
      }
      if (!lastMatch(facts, /quantized V cache requires flash_attn/)) return null;
      const message = `The context cannot be stored as ${facts.settings?.cacheTypeV ?? "quantised values"} without flash attention.`;
      return { message, nextStep: plainCache };
    },
  },
  {
    cause: "bad_template",
    find(facts) {
      if (!lastMatch(facts, /chat template parsing error/)) return null;
      const reason = lastMatch(
        facts,
        /^Error: Jinja Exception: (.*)/,
        /common_chat_templates_init: error: (.*)/,
      );
      const words = reason ? `: ${reason[1]?.trim()}` : "";
      const nextStep = check("Load it with another chat template, or take another build of the model.");
      return { message: `The model's chat template does not work${words}.`, nextStep };
    },
  },
  {
    cause: "missing_library",
    find(facts) {
      const library = lastMatch(facts, /error while loading shared libraries: (.*?): cannot open shared/);
      if (!library) return null;
      const message = `llama-server cannot be run: its library ${library[1]} is missing.`;
      return { message, nextStep: reinstall };
    },
  },
  {
    cause: "engine_not_runnable",
    find(facts) {
      if (facts.exit?.code !== 126 && facts.exit?.code !== 127) return null;
      const reason = lastMatch(facts, /exec: (.*): (not found|Permission denied|Exec format error)$/);
      if (!reason) return null;
      return { message: `llama-server (${reason[1]}) cannot be run: ${reason[2]}.`, nextStep: reinstall };
    },
  },
];

const plainCache: NextStep = check("Set performance.kv_cache_quantization to f16.");

const reinstall: NextStep = {
  action: "update_engine",
  text: "Run `npm run setup`; `npm run doctor` says what is missing.",
};
