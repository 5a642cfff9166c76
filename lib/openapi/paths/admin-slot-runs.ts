/** The admin API: what became of a slot's engines, and logs. */
import { gatewayLogsQuery, historyQuery, retrySlot } from "../../admin/schemas/slot-runs.ts";
import { slotActionReply, slotParams } from "../../admin/schemas.ts";
import { logLinesAnswer } from "../answers/admin.ts";
import { slotHistoryAnswer } from "../answers/slot-runs.ts";
import type { Operation } from "../operation.ts";
import { act, bodyRefusals, keyRefusals, look } from "./admin.ts";

const slotAction = { name: "SlotAction", schema: slotActionReply };

export const slotRunOperations: readonly Operation[] = [
  {
    ...act,
    path: "/admin/api/slots/{slot}/retry",
    id: "retrySlot",
    group: "Slots",
    summary: "Load what failed once more",
    description: "With the change that the slot's `next_step` names, as half the context, or with another.",
    params: slotParams,
    body: { name: "SlotRetry", schema: retrySlot, example: { change: { ctx_size: 2048 } }, isOptional: true },
    answers: [
      { status: 200, description: "The model is ready", schema: slotAction },
      { status: 202, description: "The engine is being started (`wait: false`)", schema: slotAction },
    ],
    refusals: [...bodyRefusals, 404, 409, 422],
  },
  {
    ...look,
    path: "/admin/api/slots/{slot}/history",
    id: "getSlotHistory",
    group: "Slots",
    summary: "List a slot's past runs",
    description: "What ran in the slot, how long it took to load, and why it ended. The last 100 are kept.",
    params: slotParams,
    query: historyQuery.extend({ limit: historyQuery.shape.limit.describe("How many; 20 if absent") }),
    answers: [
      { status: 200, description: "The runs", schema: { name: "SlotHistory", schema: slotHistoryAnswer } },
    ],
    refusals: [...keyRefusals, 404],
  },
  {
    ...look,
    path: "/admin/api/slots/{slot}/logs/file",
    id: "downloadSlotLog",
    group: "Slots",
    summary: "Download an engine's log",
    description: "All that is kept of it on the disk, oldest first: 10 MB at most.",
    params: slotParams,
    answers: [{ status: 200, description: "The log", texts: ["text/plain"] }],
    refusals: [...keyRefusals, 404],
  },
  {
    ...look,
    path: "/admin/api/logs",
    id: "getGatewayLogs",
    group: "Service",
    summary: "Read the gateway's log",
    description: "The last lines that the gateway logged: a JSON text each.",
    query: gatewayLogsQuery.extend({
      lines: gatewayLogsQuery.shape.lines.describe("How many lines; 200 if absent"),
    }),
    answers: [
      { status: 200, description: "The lines", schema: { name: "LogLines", schema: logLinesAnswer } },
    ],
  },
];
