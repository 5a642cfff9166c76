/** The admin API: the configuration. */
import { configChangeReply, configPatch } from "../../admin/schemas.ts";
import { configAnswer, configSchemaAnswer } from "../answers/admin.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, look } from "./admin.ts";

const config = { name: "Config", schema: configAnswer };

export const configOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/config",
    id: "getConfig",
    group: "Configuration",
    summary: "Read the configuration",
    description: "Every key with its value; secrets are masked.",
    answers: [{ status: 200, description: "The configuration", schema: config }],
  },
  {
    ...look,
    path: "/admin/api/config/schema",
    id: "getConfigSchema",
    group: "Configuration",
    summary: "Read what may stand in the configuration",
    description:
      "A JSON schema with a description of each key, for forms. `secret` marks what is masked, `restart` what has to be restarted for a change.",
    answers: [
      {
        status: 200,
        description: "The schema",
        schema: { name: "ConfigSchema", schema: configSchemaAnswer },
      },
    ],
  },
  {
    ...act,
    method: "patch",
    path: "/admin/api/config",
    id: "changeConfig",
    group: "Configuration",
    summary: "Change the configuration",
    description: "A JSON Merge Patch (RFC 7396); masked secrets stay as they are.",
    body: {
      name: "ConfigPatch",
      schema: configPatch,
      example: { rate_limits: { payg: 30 } },
      isOptional: true,
    },
    answers: [
      {
        status: 200,
        description: "What changed",
        schema: { name: "ConfigChange", schema: configChangeReply },
      },
    ],
    refusals: [...bodyRefusals, 409],
  },
];
