/** Switching an alias to another model on the wire. */
import { z } from "zod";
import { askedRequestShape } from "../../slots/load-request.ts";

export const aliasSwitch = z
  .strictObject({
    alias: z
      .string()
      .min(1)
      .max(512)
      .refine((name) => !["auto", "default"].includes(name.toLowerCase()), "is a name of its own")
      .refine((name) => name !== "__proto__", "is a name that nothing can have")
      .describe("The name that requests use; made if it is not there"),
    model: z.string().min(1).max(512).optional().describe("A model's id: one that is loaded, or on the disk"),
    slot: z.int().min(1).max(65_535).optional().describe("Where to load it; the first empty slot if absent"),
    keep: z.boolean().default(false).describe("true: the model of before stays loaded"),
    ...askedRequestShape,
  })
  .refine(
    ({ model, model_path: path, remote }) =>
      [model, path, remote].filter((one) => one !== undefined).length === 1,
    "needs one of model, model_path and remote",
  );

export const aliasSwitchReply = z.object({
  status: z.literal("switched"),
  alias: z.string(),
  model: z.string(),
  slot: z.int(),
  previous: z
    .object({
      model: z.string(),
      status: z
        .enum(["draining", "kept"])
        .describe("draining: it is unloaded when the last request is done that came before the switch"),
      reason: z.string().nullable().describe("Why it is kept"),
    })
    .nullable()
    .describe("What the alias stood for; null for nothing"),
});

export type AliasSwitch = z.infer<typeof aliasSwitch>;
export type AliasSwitchReply = z.infer<typeof aliasSwitchReply>;
