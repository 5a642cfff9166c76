/** Runs GGUF models by llama-server: one process for each slot. */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Config } from "../../../lib/config/schema.ts";
import { EngineConnections } from "../../../lib/engine-http/connections.ts";
import type { Environment } from "../../../lib/env.ts";
import type { Catalogue } from "../../../lib/models/catalogue.ts";
import type { Engine, LoadRequest } from "../../../lib/slots/types.ts";
import { withDeadline } from "../deadline.ts";
import { type EngineExit, EngineProcess, type ProcessServices } from "../processes/engine-process.ts";
import { describePortOwner, isPortFree } from "../processes/port-owner.ts";
import {
  type EngineAdapter,
  type Launch,
  type PlannedEngine,
  type RunningEngine,
  StartFailure,
} from "./engine.ts";
import { findLlamaServer, type LlamaBinary } from "./llama-binary.ts";
import { LlamaClient, StrangerError } from "./llama-client.ts";
import { llamaCommand } from "./llama-command.ts";
import { type LlamaPlan, planLlama } from "./llama-plan.ts";

export interface LlamaServices extends ProcessServices {
  environment: Environment;
  config: () => Config;
  catalogue: Catalogue;
  /** For key files; absolute, not readable for others. */
  runDir: string;
}

const connectTimeoutMs = 5_000;
const firstPollMs = 20;
const maxPollMs = 250;
/** For one answer to a poll: a stranger could accept the connection and say nothing. */
const pollAnswerMs = 5_000;
/** For news of a process that has just died, its last output included. */
const exitMs = 500;

export function llamaServerAdapter(services: LlamaServices): EngineAdapter {
  return {
    async plan(request: LoadRequest): Promise<PlannedEngine> {
      const config = services.config();
      const binary = await findLlamaServer(services.environment, config.llama_server);
      const plan = await planLlama(request, config, services.catalogue);
      return { ...plan, start: (launch) => start(plan, binary, launch, services) };
    },
  };
}

async function start(
  plan: LlamaPlan,
  binary: LlamaBinary,
  launch: Launch,
  services: LlamaServices,
): Promise<RunningEngine> {
  const { port, log, signal } = launch;
  if (!(await isPortFree(port))) throw await portTaken(port);
  const key = randomBytes(32).toString("hex");
  const keyFile = path.join(services.runDir, `slot-${port}.key`);
  await mkdir(services.runDir, { recursive: true, mode: 0o700 });
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  const { args, warnings } = llamaCommand({ ...plan.settings, port, keyFile }, binary.options);
  const variables = services.environment.engineVariables;
  const child = await EngineProcess.start({ command: binary.file, args, variables, port }, log, services);
  launch.onProcess(child.pid);
  const engine = describeEngine(port, plan.model.id, key);
  const client = new LlamaClient(engine.pool, engine.headers);
  const exited = child.exited.then((exit) => {
    engine.pool.destroy().catch(() => undefined);
    return exit;
  });
  try {
    await Promise.race([untilReady(client, plan, signal), exited.then(failStart)]);
    if (plan.settings.mmprojFile) engine.mediaMarker = await client.mediaMarker(signal);
  } catch (error) {
    // A broken connection is all that is seen of a process that has just died: how it ended says more.
    const exit = signal.aborted ? null : await Promise.race([child.exited, sleep(exitMs, null)]);
    await child.kill();
    await engine.pool.destroy();
    if (error instanceof StrangerError) throw await portTaken(port, error);
    throw exit ? failureOf(exit, error) : error;
  } finally {
    // It was read at the engine's start, and is of no use to anybody else.
    await rm(keyFile, { force: true });
  }
  return {
    engine,
    pid: child.pid,
    // Encoders report nothing until a batch is done, nor does a model that listens until it has heard all.
    stalls: plan.settings.serves === "text" && plan.model.type !== "audio",
    warnings: [...warnings, ...refusals(log.lastOfRun(500))],
    exited,
    probe: async (probing) => void (await client.isLoaded(probing)),
    prove: (proving, onStep) => client.work(plan.settings.serves, proving, onStep),
    stop: (graceMs) => child.stop(graceMs),
  };
}

/** Polls until it is loaded, then checks that it is ours, and that it works. */
async function untilReady(client: LlamaClient, plan: LlamaPlan, signal: AbortSignal): Promise<void> {
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.5, maxPollMs)) {
    await sleep(pollMs, undefined, { signal });
    const polled = withDeadline(pollAnswerMs, signal, (polling) => client.isLoaded(polling));
    // Refused until it listens; 503 until the model is loaded.
    if (await polled.catch(() => false)) break;
  }
  await client.checkIdentity(plan.settings.alias, signal);
  await client.work(plan.settings.serves, signal);
}

function describeEngine(port: number, modelId: string, key: string): Engine {
  const origin = `http://127.0.0.1:${port}`;
  const headers = ["authorization", `Bearer ${key}`, "content-type", "application/json"];
  return {
    kind: "llama-server",
    // It closes kept connections unannounced, under a request that is just using one, and each keeps one of its threads.
    connections: new EngineConnections(new URL(origin), { headers, keepAlive: false, connectTimeoutMs }),
    pool: new Pool(origin, { headersTimeout: 0, bodyTimeout: 0, connectTimeout: connectTimeoutMs }),
    pathPrefix: "/v1",
    headers,
    upstreamModel: modelId,
    alwaysStream: true,
    mediaMarker: null,
    reportsProgress: true,
  };
}

function failStart(exit: EngineExit): never {
  throw failureOf(exit);
}

function failureOf(exit: EngineExit, cause?: unknown): StartFailure {
  const kind = exit.signal === null ? "exited" : "killed";
  return new StartFailure(kind, "llama-server ended.", { cause }, exit);
}

async function portTaken(port: number, cause?: Error): Promise<StartFailure> {
  const owner = await describePortOwner(port);
  return new StartFailure("port_taken", `Port ${port} is taken by ${owner}.`, { cause });
}

/** What the machine refused while loading, from llama-server's own warnings. */
function refusals(lines: readonly string[]): string[] {
  const refused = lines.some((line) => line.includes("failed to mlock"));
  return refused ? ["The model could not be locked in memory (mlock): the system does not allow it."] : [];
}
