/** What an operator can do, as far as the doctor knows. */
import type { NextStep } from "../../../lib/slots/types.ts";
import type { EndFacts } from "./facts.ts";

/** Below this, less context would help nobody. */
const leastContext = 1_024;

/** Less memory for what grows with use: half the context, or else half the requests at once. */
export function takeLess({ settings }: EndFacts): NextStep {
  const { ctxSize = 0, parallel = 1 } = settings ?? {};
  if (ctxSize >= 2 * leastContext)
    return {
      action: "load",
      change: { ctx_size: Math.floor(ctxSize / 2) },
      text: `Retry with half the context: ${Math.floor(ctxSize / 2)} tokens a request.`,
    };
  if (parallel > 1)
    return {
      action: "load",
      change: { parallel: Math.floor(parallel / 2) },
      text: `Retry with half the requests at once: ${Math.floor(parallel / 2)}.`,
    };
  return freeMemory;
}

export const freeMemory: NextStep = {
  action: "free_memory",
  text: "Unload another model, or take a smaller model or quantisation.",
};

export const downloadAgain: NextStep = { action: "download", text: "Download the file again." };

export const updateEngine: NextStep = {
  action: "update_engine",
  text: "Install a newer llama-server: `npm run doctor` shows which one is used, and why.",
};

export const loadAgain: NextStep = { action: "load", change: {}, text: "Load it again." };

export function check(text: string): NextStep {
  return { action: "check", text };
}
