/** One real request to an engine, through its chat template and all, before anybody depends on it. */
import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import type { Capability, Engine } from "../../lib/slots/types.ts";
import { withDeadline } from "./deadline.ts";
import type { Slot } from "./slot.ts";

const shownCharacters = 500;

interface Trial {
  path: string;
  body: object;
  answer: z.ZodType;
}

/**
 * Resolves when what a slot runs answers as it should.
 * @param deadlineMs for the whole answer
 * @throws GatewayError 409 where nothing is ready there; 422 with the engine's words
 */
export async function tryOut(
  { port, gate, state }: Pick<Slot, "port" | "gate" | "state">,
  deadlineMs: number,
): Promise<void> {
  if (!gate || state.status !== "ready")
    throw new GatewayError("conflict", `Slot ${port} is ${state.status}: there is nothing to try.`);
  const { engine, model } = gate.facts;
  const trial = trialFor(model.capabilities);
  if (!trial) return;
  const said = await ask(engine, trial, deadlineMs).catch((error: unknown) => String(error));
  if (said === null) return;
  throw new GatewayError("unprocessable", `The model is loaded, but a first request failed: ${said}`);
}

/** What it can be asked; null where it takes more than a few words, as a sound. */
function trialFor(capabilities: readonly Capability[]): Trial | null {
  if (capabilities.includes("text")) {
    const messages = [{ role: "user", content: "Hello" }];
    const answer = z.object({ choices: z.array(z.unknown()).min(1) });
    return { path: "/chat/completions", body: { messages, max_tokens: 1 }, answer };
  }
  const answer = z.object({ data: z.array(z.unknown()).min(1) });
  if (capabilities.includes("embedding")) return { path: "/embeddings", body: { input: "Hello" }, answer };
  if (!capabilities.includes("rerank")) return null;
  const body = { query: "Hello", documents: ["Hello"] };
  return { path: "/rerank", body, answer: z.object({ results: z.array(z.unknown()).min(1) }) };
}

/** @returns what is wrong, in the engine's words; null where nothing is */
function ask(engine: Engine, trial: Trial, deadlineMs: number): Promise<string | null> {
  const { pool, pathPrefix, headers, upstreamModel } = engine;
  const body = JSON.stringify({ model: upstreamModel, ...trial.body });
  return withDeadline(deadlineMs, null, async (signal) => {
    const path = pathPrefix + trial.path;
    const response = await pool.request({ method: "POST", path, headers, body, signal, reset: true });
    const text = await response.body.text();
    if (response.statusCode === 200 && trial.answer.safeParse(parsed(text)).success) return null;
    return `${response.statusCode} ${text.slice(0, shownCharacters)}`;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
