/** The admin API: how models are run day by day. */
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
];
