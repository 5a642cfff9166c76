/** The admin API: what was used, and who waits. */
import { queueReply, usageQuery } from "../../admin/schemas.ts";
import { usageListAnswer } from "../answers/admin.ts";
import type { Operation } from "../operation.ts";
import { look } from "./admin.ts";

export const usageOperations: readonly Operation[] = [
  {
    ...look,
    path: "/admin/api/usage",
    id: "getUsage",
    group: "Usage",
    summary: "Sum up usage",
    description: "By day, user, key or model, over some days.",
    query: usageQuery,
    answers: [
      { status: 200, description: "The sums", schema: { name: "UsageList", schema: usageListAnswer } },
    ],
  },
  {
    ...look,
    path: "/admin/api/queue",
    id: "getQueue",
    group: "Slots",
    summary: "Look at the queue",
    description: "Who waits for which model, and what the engines work on.",
    answers: [{ status: 200, description: "The queue", schema: { name: "Queue", schema: queueReply } }],
  },
  {
    ...look,
    path: "/metrics",
    id: "getMetrics",
    group: "Service",
    summary: "Read the metrics",
    description: "For Prometheus; takes the configuration's `metrics_token` as well.",
    answers: [{ status: 200, description: "The metrics", texts: ["text/plain"] }],
  },
];
