/** Whether a process computes: for an engine at a large batch or image, minutes can pass without any other sign. */
import { setTimeout as sleep } from "node:timers/promises";
import { cpuTimeS } from "./process-usage.ts";

const lookMs = 1_000;
/** Of one core. An engine that hangs uses none; one that works gets this much of a busy machine, too. */
const leastShare = 0.1;

/** Takes a second. False where the system does not tell. */
export async function isAtWork(pid: number): Promise<boolean> {
  const before = await cpuTimeS(pid);
  await sleep(lookMs, undefined, { ref: false });
  const after = await cpuTimeS(pid);
  return before !== null && after !== null && (after - before) * 1000 >= leastShare * lookMs;
}
