/** Loads a model in a real engine, fills its buffers, and compares what it takes with what was expected. */
import { symlink } from "node:fs/promises";
import path from "node:path";
import { bytesPerMegabyte } from "../../../lib/bytes.ts";
import type { LoadRequest } from "../../../lib/slots/types.ts";
import { engineMemory } from "../engine-memory.ts";
import { lease } from "./open-rig.ts";
import type { Rig } from "./rig.ts";

export interface MeasuredLoad {
  estimatedMb: number;
  measuredMb: number;
  ratio: number;
}

/** Puts a model beside those of the rig. @param file absolute */
export function addModel({ dataDir }: Rig, file: string): Promise<void> {
  return symlink(file, path.join(dataDir, "models", path.basename(file)));
}

/** @param maxTokens of the prompt; by default the context is filled, of which a large model would take minutes */
export async function measureLoad(
  rig: Rig,
  request: LoadRequest,
  maxTokens = Number.POSITIVE_INFINITY,
): Promise<MeasuredLoad> {
  const [port] = rig.ports;
  const { model, verdict } = await rig.slots.fit(request);
  const { pid, ctxSize, files } = await rig.slots.load(port, request);
  await fillBuffers(rig, model, Math.min(maxTokens, (ctxSize ?? 0) - 40));
  const memory = await engineMemory(pid ?? 0, files);
  await rig.slots.unload(port);
  const estimated = verdict?.estimate?.totalBytes ?? 0;
  const measured = memory?.needBytes ?? 0;
  return {
    estimatedMb: Math.round(estimated / bytesPerMegabyte),
    measuredMb: Math.round(measured / bytesPerMegabyte),
    ratio: estimated / measured,
  };
}

/** @param tokens at least as many; given as numbers, so that no vocabulary matters */
async function fillBuffers(rig: Rig, model: string, tokens: number): Promise<void> {
  const turn = await lease(rig, model);
  const { capabilities } = turn.model;
  const input = new Array<number>(Math.max(1, tokens)).fill(100);
  const [route, body] = !capabilities.some((can) => ["embedding", "rerank"].includes(can))
    ? ["/completion", { prompt: input, n_predict: 1 }]
    : capabilities.includes("rerank")
      ? ["/v1/rerank", { query: "hello", documents: ["world"] }]
      : ["/embedding", { input }];
  const { pool, headers } = turn.engine;
  // A connection of its own, as all of the gateway's: a kept one may be closed by the engine in this moment.
  const call = { method: "POST", path: route, headers, body: JSON.stringify(body), reset: true } as const;
  const answer = await pool.request(call);
  const text = await answer.body.text();
  turn.release();
  if (answer.statusCode !== 200) throw new Error(`The engine answered ${answer.statusCode}: ${text}`);
}
