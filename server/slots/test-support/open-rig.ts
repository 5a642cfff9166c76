/** What tests of the slots share: a rig for each test, and short ways to use it. */
import { onTestFinished } from "vitest";
import { type GatewayError, isGatewayError } from "../../../lib/errors.ts";
import type { Lease } from "../../../lib/slots/types.ts";
import { createRig, type Rig, type RigOptions } from "./rig.ts";

export const text = { model_path: "tiny-text.gguf" };
export const embed = { model_path: "tiny-embed.gguf" };

/** Opens a rig, which ends with the test. */
export async function openRig(options?: RigOptions): Promise<Rig> {
  const rig = await createRig(options);
  onTestFinished(() => rig.end());
  return rig;
}

/** What was answered instead of what was asked for. @throws Error where it was not refused */
export async function refusal(attempt: Promise<unknown>): Promise<GatewayError> {
  const error = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isGatewayError(error)) throw new Error(`No refusal, but ${error}`);
  return error;
}

/** A turn of a client that stays. */
export async function lease({ slots }: Rig, modelId = "tiny-text"): Promise<Lease> {
  return slots.lease(modelId, { keyId: 1, priority: 0, signal: new AbortController().signal });
}

/** What a model says, through a turn of its own. */
export async function ask(rig: Rig, modelId = "tiny-text"): Promise<string> {
  const turn = await lease(rig, modelId);
  const answer = await answerOf(turn);
  turn.release();
  return answer;
}

/** What the engine of a turn says. */
export async function answerOf({ engine }: Lease): Promise<string> {
  const body = JSON.stringify({ messages: [{ role: "user", content: "hello" }], temperature: 0 });
  const { pool, pathPrefix, headers } = engine;
  const path = `${pathPrefix}/chat/completions`;
  const answer = await pool.request({ method: "POST", path, headers, body });
  return answer.body.text();
}
