/** What becomes of a parameter: one table for each endpoint, beside the schema that it is checked against. */
import type { z } from "zod";

/**
 * - `honoured`: the gateway does it itself, or sees to it.
 * - `passed on`: the engine does it, as far as the model can.
 * - `accepted`: checked or echoed, without effect here.
 * - `ignored`: not in the schema; dropped without a word, as OpenAI's clients send it by habit.
 * - `refused`: a clear 400, as leaving it out would change the answer.
 */
export type Treatment = "honoured" | "passed on" | "accepted" | "ignored" | "refused";

export interface ParameterNote {
  treatment: Treatment;
  note: string;
}

export interface EndpointNotes {
  path: string;
  /** Whose API it is. */
  api: string;
  schema: z.ZodObject;
  parameters: Readonly<Record<string, ParameterNote>>;
}

export const honoured = (note: string): ParameterNote => ({ treatment: "honoured", note });
export const passedOn = (note = ""): ParameterNote => ({ treatment: "passed on", note });
export const accepted = (note: string): ParameterNote => ({ treatment: "accepted", note });
export const ignored = (note: string): ParameterNote => ({ treatment: "ignored", note });
export const refused = (note: string): ParameterNote => ({ treatment: "refused", note });

const model =
  "A model's id, an alias, a part of an id that fits one model, or none: then a loaded one that can do it";

/** What several endpoints have. */
export const common = {
  model: honoured(model),
  stream: honoured("Engines that only stream are gathered where it is off"),
  n: passedOn("llama-server gives at most as many as the slot has sequences"),
  seed: passedOn("Any integer; engines get its lower 32 bits"),
  logit_bias: passedOn("At most 300 tokens"),
  localSampler: passedOn("Not OpenAI's: a sampler of local engines"),
  templateOptions: passedOn("Not OpenAI's: options of the model's chat template"),
  user: ignored("Usage is by key"),
  metadata: ignored("Nothing is kept that it could be found by"),
  store: ignored("Nothing is kept"),
} as const;
