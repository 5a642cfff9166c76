/** What can be wrong with a model's files. Texts: llama-server 0.7.0 with altered files; see provoked.test.ts. */
import { lastMatch, type Rule } from "./facts.ts";
import { check, downloadAgain, updateEngine } from "./next-steps.ts";

/** Those of a draft model or projector come first: what is wrong with them is told in a model's words, too. */
export const fileRules: readonly Rule[] = [
  {
    cause: "wrong_projector",
    find(facts) {
      const sizes = lastMatch(
        facts,
        /mismatch between text model \(n_embd = (\d+)\) and mmproj \(n_embd = (\d+)\)/,
      );
      if (!sizes) return null;
      const message = `The projector belongs to another model: it makes vectors of ${sizes[2]} numbers, the model takes ${sizes[1]}.`;
      return { message, nextStep: check("Name the model's own projector in mmproj_path.") };
    },
  },
  {
    cause: "missing_projector",
    find(facts) {
      const open = lastMatch(facts, /failed to open GGUF file '(.*)' \((.*)\)/);
      if (!open || !lastMatch(facts, /failed to load multimodal model/)) return null;
      const nextStep = check("Name the model's projector in mmproj_path, or download it.");
      return { message: `The projector ${open[1]} cannot be opened: ${open[2]}.`, nextStep };
    },
  },
  {
    cause: "broken_projector",
    find(facts) {
      const file = lastMatch(facts, /failed to load multimodal model, '(.*)'/);
      if (!file) return null;
      const reason = lastMatch(facts, /clip_init: failed to load model '.*': (.*)/)?.[1];
      const message = `The projector ${file[1]} is broken, or is none${reason ? `: ${reason}` : ""}.`;
      return { message, nextStep: downloadAgain };
    },
  },
  {
    cause: "broken_draft_model",
    find(facts) {
      const file = lastMatch(facts, /failed to load draft model, '(.*)'/);
      if (!file) return null;
      const message = `The draft model ${file[1]} cannot be loaded${reasonOf(lastMatch(facts, loading)?.[1])}.`;
      return { message, nextStep: check("Name another draft model, or none.") };
    },
  },
  {
    cause: "unknown_architecture",
    find(facts) {
      const name = lastMatch(facts, /unknown model architecture: '(.*)'/);
      if (!name) return null;
      const message = `This llama-server does not know the model's architecture '${name[1]}': it is older than the model, or the file is damaged.`;
      return { message, nextStep: updateEngine };
    },
  },
  {
    cause: "unknown_format",
    find(facts) {
      const found = lastMatch(
        facts,
        /this (GGUF file is version \d+ but this software only supports up to version \d+)/,
        /(tensor '.*' has invalid ggml type \d+)/,
        /(unknown tokenizer: '.*')/,
      );
      if (!found) return null;
      const message = `This llama-server cannot read the file's format (${found[1]}): it is older than the file, or the file is damaged.`;
      return { message, nextStep: updateEngine };
    },
  },
  {
    cause: "not_a_gguf",
    find(facts) {
      const magic = lastMatch(facts, /invalid magic characters: (.*), expected 'GGUF'/);
      if (!magic) return null;
      return { message: `The file is no GGUF: it begins with ${magic[1]}.`, nextStep: downloadAgain };
    },
  },
  {
    cause: "not_a_model",
    find(facts) {
      if (!lastMatch(facts, /CLIP cannot be used as main model/)) return null;
      const nextStep = check("Load the model itself, with this file as its mmproj_path.");
      return { message: "The file is a projector, not a model.", nextStep };
    },
  },
  {
    cause: "missing_file",
    find(facts) {
      const open = lastMatch(facts, /failed to open GGUF file '(.*)' \((.*)\)/);
      if (!open) return null;
      const nextStep = check("See that the file is there and that the gateway may read it.");
      return { message: `The model file ${open[1]} cannot be opened: ${open[2]}.`, nextStep };
    },
  },
  {
    cause: "broken_file",
    find(facts) {
      const found = lastMatch(
        facts,
        /(tensor '.*' data is not within the file bounds)/,
        /(tensor '.*' not found)/,
        /(tensor '.*' has wrong shape.*)/,
        /(key not found in model: \S+)/,
        /gguf_init_from_reader: (failed to read .*)/,
      );
      if (!found) return null;
      const message = `The model file is broken or incomplete: ${found[1]}.`;
      return { message, nextStep: downloadAgain };
    },
  },
];

const loading = /error loading model: (.*)/;

function reasonOf(text: string | undefined): string {
  return text ? `: ${text}` : "";
}
