/** The end of all slots: let running requests finish, then end the engines, within a time. */
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../lib/errors.ts";
import type { Changes } from "./changes.ts";
import type { Turnstiles } from "./queue/turnstiles.ts";
import type { Slot } from "./slot.ts";

/** From SIGKILL until a process is gone. */
const killMs = 1_000;
const pollMs = 25;

/**
 * Resolves when no engine is left, within `deadlineMs` (and a second, where that is less than killing takes). Waiting and
 * running requests have what is left of the time when the engines' own end is taken off.
 */
export async function shutDownSlots(
  slots: readonly Slot[],
  turnstiles: Turnstiles,
  changes: Changes,
  deadlineMs: number,
): Promise<void> {
  const startedMs = performance.now();
  const leftMs = () => Math.max(0, deadlineMs - killMs - (performance.now() - startedMs));
  const graceMs = Math.max(0, ...slots.map(({ services }) => services.timings.stopGraceMs));
  const isBusy = () => turnstiles.waiting > 0 || slots.some(({ gate }) => gate !== null && gate.inFlight > 0);
  while (isBusy() && leftMs() > graceMs) await sleep(pollMs);
  turnstiles.close(new GatewayError("draining", "The gateway is shutting down. Try again in a moment."));
  for (const slot of slots) slot.endNow(Math.min(graceMs, leftMs()));
  const ended = changes.until(() => slots.every(({ state }) => state.status === "empty") || undefined);
  await Promise.race([ended, sleep(leftMs() + killMs, undefined, { ref: false })]);
}
