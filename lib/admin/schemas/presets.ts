/** Presets of a model on the wire. */
import { z } from "zod";
import { askedOptions, loadOptions } from "../../slots/load-request.ts";

const presetName = z.string().min(1).max(100);

/** A mistyped option is an error here; the configuration keeps what it does not know. */
const preset = z.strictObject(askedOptions);

/** Ids may contain `/`: then it is written `%2F`. */
export const modelParams = z.object({ id: z.string().min(1).max(512).describe("With `%2F` for a `/`") });

export const putPresets = z
  .strictObject({
    presets: z.record(presetName, preset).describe("All of them, by name: others are deleted"),
    preset: presetName
      .nullable()
      .optional()
      .describe("The one to use where none is named; null for none. As it was if absent"),
  })
  .refine(({ preset, presets }) => preset == null || Object.hasOwn(presets, preset), {
    error: "must be one of presets",
    path: ["preset"],
  });

export const presetsReply = z.object({
  model: z.string(),
  preset: z.string().nullable().describe("The one to use where none is named: an admin's last choice"),
  presets: z.record(z.string(), z.looseObject(loadOptions)),
});

export type PutPresets = z.infer<typeof putPresets>;
export type PresetsReply = z.infer<typeof presetsReply>;
