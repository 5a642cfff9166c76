/**
 * Deeds that can fail on the way, as a load: they are written down when they are over, so that the audit log says what
 * came of them. What was refused has changed nothing and leaves no line.
 */
import { toGatewayError } from "../errors.ts";
import type { SlotSnapshot } from "../slots/types.ts";
import { audit } from "./audit.ts";
import type { AdminCall } from "./route.ts";

type Doer = Pick<AdminCall<unknown, unknown, unknown>, "services" | "actor">;
type OnBegun = (port: number) => void;

/**
 * @param act calls `onBegun` as `Slots` does
 * @param onFailed told of what failed after it had begun, before that goes on to the caller
 */
export async function beginning<Result>(
  act: (onBegun: OnBegun) => Promise<Result>,
  onFailed: (port: number, message: string) => Promise<void>,
): Promise<Result> {
  const begun: { port: number | null } = { port: null };
  try {
    return await act((port) => {
      begun.port = port;
    });
  } catch (error) {
    if (begun.port !== null) await onFailed(begun.port, toGatewayError(error).message);
    throw error;
  }
}

/**
 * Does something to a slot; its line has the slot's model before and after.
 * @param action as `slot.load`
 * @param detail what else the line shall say
 */
export async function auditedSlotAction(
  { services, actor }: Doer,
  action: string,
  act: (onBegun: OnBegun) => Promise<SlotSnapshot>,
  detail: Record<string, unknown> = {},
): Promise<SlotSnapshot> {
  const { slots } = services;
  const earlier = await slots.snapshot();
  const write = (port: number, model: string | null, failed: { error?: string } = {}) => {
    const before = { model: modelIn(earlier, port) };
    return audit(services, actor, action, `slot:${port}`, { before, after: { model }, ...detail, ...failed });
  };
  const done = await beginning(act, async (port, error) =>
    write(port, modelIn(await slots.snapshot(), port), { error }),
  );
  await write(done.port, done.modelName);
  return done;
}

function modelIn(slots: readonly SlotSnapshot[], port: number): string | null {
  return slots.find((slot) => slot.port === port)?.modelName ?? null;
}
