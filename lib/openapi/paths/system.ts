/** The system: figures of the machine for admins, and the uptime for everybody. */
import { ticketReply } from "../../events/messages.ts";
import { systemHistoryQuery, systemHistoryReply, systemReply } from "../../system/schemas.ts";
import { uptimeQuery, uptimeReply } from "../../uptime/schemas.ts";
import type { Operation } from "../operation.ts";
import { act, keyRefusals, look } from "./admin.ts";

export const systemOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/system",
    id: "getSystem",
    group: "System",
    summary: "Look at the machine",
    description: "Processor, memory, GPUs, disks, sensors, what the slots take, and what needs attention.",
    answers: [{ status: 200, description: "The figures", schema: { name: "System", schema: systemReply } }],
  },
  {
    ...look,
    path: "/admin/api/system/history",
    id: "getSystemHistory",
    group: "System",
    summary: "Look back at the machine",
    description: "How the machine did, by the minute for a day or by the hour for 90 days.",
    query: systemHistoryQuery,
    answers: [
      {
        status: 200,
        description: "The samples",
        schema: { name: "SystemHistory", schema: systemHistoryReply },
      },
    ],
    refusals: [...keyRefusals],
  },
  {
    ...act,
    path: "/admin/api/events/ticket",
    id: "createEventsTicket",
    group: "System",
    summary: "Get a ticket for live events",
    description:
      "For browsers, which cannot send a key with a WebSocket: opens `/admin/api/events` once, within 30 seconds.",
    answers: [
      { status: 200, description: "The ticket", schema: { name: "EventsTicket", schema: ticketReply } },
    ],
  },
  {
    method: "get",
    path: "/api/uptime",
    id: "getUptime",
    group: "Service",
    summary: "Look at the uptime",
    description: "How much of each day the gateway was up, over restarts. An answer may be 10 seconds old.",
    access: "public",
    dialect: "admin",
    query: uptimeQuery,
    answers: [{ status: 200, description: "The days", schema: { name: "Uptime", schema: uptimeReply } }],
    refusals: [],
  },
];
