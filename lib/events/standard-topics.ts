/** The topics of the gateway's own services: each tells what the GET of the same name answers. */
import { measureJobReply } from "../admin/benchmarks.ts";
import { downloadReply } from "../admin/models-hub.ts";
import { queueReply } from "../admin/queue.ts";
import { slotReply } from "../admin/slots.ts";
import type { Benchmarks } from "../benchmarks/types.ts";
import type { Downloads } from "../downloads/types.ts";
import type { OwnLog } from "../logs.ts";
import type { Accounts } from "../money/types.ts";
import type { Slots } from "../slots/types.ts";
import { systemReply } from "../system/reply.ts";
import type { System } from "../system/types.ts";
import type { Events, StateTopic } from "./types.ts";

export interface TopicServices {
  slots: Pick<Slots, "snapshot" | "queue" | "subscribe" | "logs" | "followLogs">;
  /** Of the slots. */
  ports: readonly number[];
  accounts: Accounts;
  system: Pick<System, "figures">;
  downloads: Pick<Downloads, "list" | "subscribe">;
  benchmarks: Pick<Benchmarks, "jobs" | "subscribe">;
  ownLog: OwnLog;
}

/** Memory, processor and requests change all the time: they are looked at while somebody watches, and cost nothing else. */
const figuresEveryMs = 2_000;
const queueEveryMs = 1_000;

/** Lines of a log that a page begins with. */
const lastLines = 200;

export function registerStandardTopics(events: Events, services: TopicServices): void {
  const { slots, ports, accounts, system, downloads, benchmarks, ownLog } = services;
  const onSlotChange: Subscribe = (changed) => slots.subscribe(changed);
  events.registerState("slots", {
    snapshot: async () => ({ slots: (await slots.snapshot()).map(slotReply) }),
    subscribe: both(onSlotChange, every(figuresEveryMs)),
  });
  events.registerState("queue", {
    snapshot: async () => queueReply(slots.queue(), accounts),
    subscribe: both(onSlotChange, every(queueEveryMs)),
  });
  events.registerState("system", {
    snapshot: async () => systemReply(await system.figures()),
    subscribe: every(figuresEveryMs),
  });
  events.registerState("downloads", {
    snapshot: async () => ({ data: downloads.list().map(downloadReply) }),
    subscribe: (changed) => downloads.subscribe(changed),
  });
  events.registerState("jobs", {
    snapshot: async () => ({ data: benchmarks.jobs().map(measureJobReply) }),
    subscribe: (changed) => benchmarks.subscribe(changed),
  });
  events.registerLines("logs", (whose) => {
    if (whose === "gateway")
      return { last: () => ownLog.last(lastLines), subscribe: (onLines) => ownLog.follow(onLines) };
    const found = ports.find((candidate) => String(candidate) === whose);
    if (found === undefined) return null;
    return {
      last: () => slots.logs(found, lastLines),
      subscribe: (onLines) => slots.followLogs(found, onLines),
    };
  });
}

type Subscribe = StateTopic["subscribe"];

/** For what nobody tells changes of. */
export function every(ms: number): Subscribe {
  return (changed) => {
    const timer = setInterval(changed, ms).unref();
    return () => clearInterval(timer);
  };
}

function both(one: Subscribe, other: Subscribe): Subscribe {
  return (changed) => {
    const stops = [one(changed), other(changed)];
    return () => {
      for (const stop of stops) stop();
    };
  };
}
