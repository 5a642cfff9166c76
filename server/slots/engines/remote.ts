/** Uses a model that another OpenAI-compatible server runs. */
import { Pool } from "undici";
import { z } from "zod";
import { EngineConnections } from "../../../lib/engine-http/connections.ts";
import { GatewayError } from "../../../lib/errors.ts";
import { capabilitiesOf } from "../../../lib/models/detect-type.ts";
import type { Engine, LoadRequest } from "../../../lib/slots/types.ts";
import { withDeadline } from "../deadline.ts";
import {
  type EngineAdapter,
  type Launch,
  type PlannedEngine,
  type RunningEngine,
  StartFailure,
} from "./engine.ts";

type Remote = NonNullable<LoadRequest["remote"]>;

const answerMs = 10_000;
const modelsSchema = z.object({ data: z.array(z.looseObject({ id: z.string() })) });

export const remoteAdapter: EngineAdapter = {
  async plan(request: LoadRequest): Promise<PlannedEngine> {
    const { remote } = request;
    if (!remote)
      throw new GatewayError("invalid_request", "A load request names a model_path or a remote.", {
        param: "remote",
      });
    const type = request.model_type ?? "text";
    const rerank = type === "embedding" && request.pooling === "rank";
    const ctxSize = request.ctx_size ?? null;
    return {
      model: {
        id: remote.model,
        type,
        capabilities: capabilitiesOf({ type, rerank }),
        contextLength: ctxSize,
        createdS: Math.floor(Date.now() / 1000),
      },
      ctxSize,
      parallel: request.parallel ?? Number.POSITIVE_INFINITY,
      threads: null,
      files: [],
      warnings: [],
      start: (launch) => start(remote, launch),
    };
  },
};

async function start(remote: Remote, { signal }: Launch): Promise<RunningEngine> {
  const engine = describeEngine(remote);
  let known: string[];
  try {
    known = await listModels(engine, signal);
  } catch (error) {
    await engine.pool.destroy();
    throw error;
  }
  const warnings = known.includes(remote.model)
    ? []
    : [`${remote.base_url} does not list '${remote.model}'.`];
  return {
    engine,
    pid: null,
    stalls: false,
    warnings,
    exited: new Promise(() => undefined),
    probe: async (probing) => void (await listModels(engine, probing)),
    prove: async (probing) => void (await listModels(engine, probing)),
    // Requests that still run keep their connections until they end.
    stop: async () => {
      engine.connections.close();
      void engine.pool.close();
    },
  };
}

function describeEngine({ base_url: baseUrl, api_key: apiKey, model }: Remote): Engine {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, "");
  const key = apiKey === undefined ? [] : ["authorization", `Bearer ${apiKey}`];
  const headers = [...key, "content-type", "application/json"];
  return {
    kind: "remote",
    connections: new EngineConnections(url, { headers, keepAlive: true, connectTimeoutMs: answerMs }),
    pool: new Pool(url.origin, { headersTimeout: 0, bodyTimeout: 0, connectTimeout: answerMs }),
    // An address without a path means the server, whose interface lies below /v1 everywhere.
    pathPrefix: path === "" ? "/v1" : path,
    headers,
    upstreamModel: model,
    alwaysStream: false,
    mediaMarker: null,
    reportsProgress: false,
  };
}

/** Ids of the models that the server offers. */
async function listModels(engine: Engine, signal: AbortSignal): Promise<string[]> {
  const path = `${engine.pathPrefix}/models`;
  const { status, answer } = await withDeadline(answerMs, signal, (limited) =>
    get(engine, path, limited),
  ).catch((error) => {
    const message = `The remote server cannot be reached: ${describe(error)}.`;
    throw new StartFailure("unreachable", message, { cause: error });
  });
  if (status === 401 || status === 403)
    throw new StartFailure("unsuitable", "The remote server refuses the key.");
  if (status >= 500) throw new StartFailure("unreachable", `The remote server answers ${status}.`);
  const models = modelsSchema.safeParse(answer);
  if (status !== 200 || !models.success)
    throw new StartFailure(
      "unsuitable",
      `The remote server answers ${status} to ${path}: is base_url right?`,
    );
  return models.data.data.map(({ id }) => id);
}

/** A page that is no JSON is an answer, too: null. */
async function get({ pool, headers }: Engine, path: string, signal: AbortSignal) {
  const { statusCode, body } = await pool.request({ method: "GET", path, headers, signal });
  const text = await body.text();
  return { status: statusCode, answer: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
