/** The admin API: slots. */
import { loadModel, logsQuery, slotActionReply, slotParams } from "../../admin/schemas.ts";
import { logLinesAnswer, slotListAnswer } from "../answers/admin.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

const slotAction = { name: "SlotAction", schema: slotActionReply };

export const slotOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/slots",
    id: "listSlots",
    group: "Slots",
    summary: "List the slots",
    description: "The seven slots with what they run and what it takes.",
    answers: [
      { status: 200, description: "The slots", schema: { name: "SlotList", schema: slotListAnswer } },
    ],
  },
  {
    ...act,
    path: "/admin/api/slots/load",
    id: "loadModel",
    group: "Slots",
    summary: "Load a model",
    description: "Starts an engine; a load goes on when whoever asked for it has gone.",
    body: {
      name: "LoadRequest",
      schema: loadModel,
      example: { slot: 4801, model_path: "SmolLM2-135M-Instruct.gguf" },
    },
    answers: [
      { status: 200, description: "The model is ready", schema: slotAction },
      { status: 202, description: "The engine is being started (`wait: false`)", schema: slotAction },
    ],
    refusals: [...bodyRefusals, 404, 409, 422],
  },
  ...(["unload", "restart"] as const).map((action) => ({
    ...act,
    path: `/admin/api/slots/{slot}/${action}`,
    id: `${action}Slot`,
    group: "Slots" as const,
    summary: action === "unload" ? "Empty a slot" : "Restart a slot's engine",
    description: "Running requests are let finish first, up to `drain_s`.",
    params: slotParams,
    answers: [{ status: 200, description: "It is done", schema: slotAction }],
    refusals: [...keyRefusals, 404, 409, 422],
  })),
  {
    ...look,
    path: "/admin/api/slots/{slot}/logs",
    id: "getSlotLogs",
    group: "Slots",
    summary: "Read an engine's log",
    description: "The last lines that the slot's engine printed.",
    params: slotParams,
    query: logsQuery.extend({ lines: logsQuery.shape.lines.describe("How many lines; 200 if absent") }),
    answers: [
      { status: 200, description: "The lines", schema: { name: "LogLines", schema: logLinesAnswer } },
    ],
    refusals: [...keyRefusals, 404],
  },
];
