/** The admin API: how models are run day by day. */
import { aliasSwitch, aliasSwitchReply } from "../../admin/schemas/alias-switch.ts";
import { modelParams, presetsReply, putPresets } from "../../admin/schemas/presets.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

const presets = { name: "ModelPresets", schema: presetsReply };

export const modelOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/models/{id}/presets",
    id: "getModelPresets",
    group: "Slots",
    summary: "Read a model's presets",
    description: "Named sets of load options, kept in the configuration.",
    params: modelParams,
    answers: [{ status: 200, description: "The presets", schema: presets }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...act,
    method: "put",
    path: "/admin/api/models/{id}/presets",
    id: "putModelPresets",
    group: "Slots",
    summary: "Replace a model's presets",
    description: "Loads that name a preset use it from their next start on.",
    params: modelParams,
    body: {
      name: "ModelPresetsChange",
      schema: putPresets,
      example: { presets: { long: { ctx_size: 32768, parallel: 1 } }, preset: "long" },
    },
    answers: [{ status: 200, description: "The presets as they are now", schema: presets }],
    refusals: [...bodyRefusals, 404, 409],
  },
  {
    ...act,
    path: "/admin/api/aliases/switch",
    id: "switchAlias",
    group: "Slots",
    summary: "Switch an alias to another model",
    description:
      "Without a gap: the new model is loaded beside the old one and asked one request, then the alias is moved; the old model is unloaded when all requests for it have ended that came before, unless it is pinned or another alias stands for it.",
    body: {
      name: "AliasSwitchRequest",
      schema: aliasSwitch,
      example: { alias: "assistant", model_path: "SmolLM2-135M-Instruct.gguf" },
    },
    answers: [
      {
        status: 200,
        description: "The alias is moved",
        schema: { name: "AliasSwitch", schema: aliasSwitchReply },
      },
    ],
    refusals: [...bodyRefusals, 404, 409, 422],
  },
];
