/** What the request path and the admin API see of slots and models. `server/slots` implements it. */
import type { Pool } from "undici";
import type { EngineConnections } from "../engine-http/connections.ts";
import type { FitVerdict } from "../fit/verdict.ts";
import type { LogListener } from "../logs.ts";
import type { LoadRequest } from "./load-request.ts";

export type { LoadRequest };

export const modelTypes = [
  "text",
  "vision",
  "omni",
  "embedding",
  "vision-embedding",
  "audio",
  "tts",
] as const;
export type ModelType = (typeof modelTypes)[number];

export type Capability = "text" | "image" | "audio" | "embedding" | "rerank" | "transcription" | "speech";

export const slotStatuses = ["empty", "starting", "ready", "draining", "crashed", "failed"] as const;
export type SlotStatus = (typeof slotStatuses)[number];

/** A model that a request could name now: loaded, or a file or remote that could be loaded. */
export interface RoutableModel {
  /** File name without `.gguf` and split suffix, longer where another file has that id; or a remote's name. */
  id: string;
  type: ModelType;
  capabilities: readonly Capability[];
  /** Tokens one request may hold, prompt and answer together; null where unknown. */
  contextLength: number | null;
  /** The best state among the slots that run it; `loadable` when none does. */
  status: Exclude<SlotStatus, "empty"> | "loadable";
  /** Seconds since the epoch: the file's modification time, or when the remote was added. */
  createdS: number;
}

/** Where an engine listens and how it wants to be asked. */
export interface Engine {
  kind: "llama-server" | "remote";
  /** Carries the requests of clients. */
  connections: EngineConnections;
  /** For what the supervisor asks: health, models, proofs. */
  pool: Pool;
  /** Put before `/v1/...`-less paths: "/v1" for llama-server, the base URL's own path for a remote. */
  pathPrefix: string;
  /** Sent with every request: the engine's own key. Flat name/value list, as undici takes it. */
  headers: string[];
  /** What the engine calls the model. */
  upstreamModel: string;
  /** llama-server finishes a non-stream request even when its client left, so it is always streamed from. */
  alwaysStream: boolean;
  /** Stands for an image in a prompt; random, and never told to a client. Null where the engine has none (llama-server). */
  mediaMarker: string | null;
  /** Reports `timings` in each chunk and prompt progress when asked (llama-server). */
  reportsProgress: boolean;
}

/** The connection broke, or an engine that does not report its progress was silent for too long. */
export type Suspicion = "connection_lost" | "stalled";

/** The right to run one request on one engine. */
export interface Lease {
  engine: Engine;
  port: number;
  model: RoutableModel;
  /** Milliseconds this request waited for its turn. */
  queuedMs: number;
  /** Resets the watchdog: the engine made progress. */
  progressed(): void;
  /** The client does not keep up, so the engine is paused: this silence is not its fault, nor a sign of life. */
  held(): void;
  /** Gives the sequence back. Safe to call twice. An engine that had shown nothing for long is looked at then. */
  release(): void;
  /** Tells the supervisor what is wrong, so that it looks at the engine at once. */
  suspect(reason: Suspicion): void;
}

/** A request that waits for a sequence or has one, as admins see it. */
export interface WaitingRequest {
  requestId: string;
  userId: number;
  keyId: number;
  /** As `chat.completions`. */
  endpoint: string;
}

export interface LeaseOptions {
  /** Keys that wait for the same model are served in turn. */
  keyId: number;
  /** The higher one is served first. */
  priority: number;
  /** Answers or prompts that the engine works on at once; one with fewer sequences gives all that it has. Absent: 1. */
  sequences?: number;
  signal: AbortSignal;
  /** Whose turn it is: read only when an admin looks, or a model has to be loaded for it. */
  readonly request?: WaitingRequest;
  /**
   * For work that can give way: called for each request of others that comes while this one has its turn.
   * @param waits false where there is room for both
   */
  onOther?: (waits: boolean) => void;
  /**
   * Called when the place in the queue changes; `expectedMs` is null until the engine has a history. While the model is
   * loaded first (`isLoading`), it is the time until that is done.
   */
  onQueued?: (position: number, expectedMs: number | null, isLoading: boolean) => void;
  /** An admin is told why a model could not be loaded. Read only then. */
  readonly isAdmin?: boolean;
}

/** Who waits and who is served, at this moment. */
export interface QueueSnapshot {
  /** The line before each model that a slot serves; the first request in it is next. */
  lines: { model: string; ports: number[]; waiting: (WaitingRequest & { waitedMs: number })[] }[];
  /** The running engines. */
  engines: {
    port: number;
    model: string;
    inFlight: (WaitingRequest & { queuedMs: number; runningMs: number })[];
  }[];
}

/** Options that win over those of an earlier load. */
export type LoadChange = Partial<Omit<LoadRequest, "model_path" | "remote">>;

/** What an operator can do about a failure. */
export type NextStep =
  /** Load it again with these options, which the retry of a slot does. */
  | { action: "load"; change: LoadChange; text: string }
  | { action: "download" | "update_engine" | "free_memory" | "check"; text: string };

export interface SlotSnapshot {
  port: number;
  status: SlotStatus;
  modelName: string | null;
  /**
   * Absolute paths of the files that it runs or will run, those that links lead to among them; none of a remote, and of
   * what the configuration wishes not until it was looked at.
   */
  files: readonly string[];
  modelType: ModelType | null;
  capabilities: readonly Capability[];
  ctxSize: number | null;
  parallel: number | null;
  threads: number | null;
  pid: number | null;
  ramBytes: number | null;
  /** Of one core: 200 means two cores busy. */
  cpuPercent: number | null;
  /** CPU time of the engine's processes since they were started. */
  cpuTimeS: number | null;
  uptimeS: number | null;
  inFlight: number;
  queued: number;
  /** How many crashes in a row, and how many are allowed before `failed`. */
  crashes: number;
  maxCrashes: number;
  /** Why it crashed or failed, in the doctor's words. */
  error: string | null;
  /** The same as a stable code, as `out_of_memory`. */
  cause: string | null;
  nextStep: NextStep | null;
  /** Flags that the machine refused and that were dropped. */
  warnings: readonly string[];
}

/** One model file in `models/` (or an extra folder), with its header facts. */
export interface LocalModel {
  id: string;
  /** Relative to the models folder where it lies there, else absolute. */
  path: string;
  /** All its files, the first one first, named as `path` is. */
  files: readonly string[];
  /** Of all files, without the projector. */
  sizeBytes: number;
  modifiedS: number;
  /** Of all files, without the projector (lib/models/fingerprint.ts). */
  fingerprint: string;
  type: ModelType;
  /** In words, what the type was seen by. */
  typeReason: string;
  /** A rank head: `/v1/rerank` instead of `/v1/embeddings`. */
  rerank: boolean;
  /** Whisper's own files wait for the speech engine: llama-server cannot read them. */
  engine: "llama-server" | "whisper";
  /** What its makers call it. */
  title: string | null;
  license: string | null;
  architecture: string | null;
  quantization: string | null;
  /** What it was trained for, in tokens. */
  contextLength: number | null;
  parameters: number | null;
  layers: number | null;
  /** Numbers in a token's vector. */
  embeddingLength: number | null;
  /** Attention head size: a quantised KV cache needs a multiple of 32. */
  headSize: number | null;
  /** What the template's text says that it can do; null where the file has none. */
  chatTemplate: { tools: boolean; thinking: boolean } | null;
  mmprojPath: string | null;
  mmprojSizeBytes: number | null;
  /** What the projector adds. */
  vision: boolean;
  audio: boolean;
  error: string | null;
}

/** A slot's port, or the first one that is empty when it is known that the model can be loaded. */
export type WantedSlot = number | "any";

export interface ActionOptions {
  /** Called when it has begun in the slot of this port: what fails from then on was no refusal. */
  onBegun?: (port: number) => void;
}

export interface LoadOptions extends ActionOptions {
  /** false: resolves as soon as the engine is being started. */
  wait?: boolean;
  /** It is loaded even if memory is short. */
  force?: boolean;
}

export interface UnloadOptions extends ActionOptions {
  /** Requests for its model may have it loaded again at once. */
  mayReturn?: boolean;
}

export interface FitAnswer {
  model: string;
  /** Null for a remote, which takes no memory here. */
  verdict: FitVerdict | null;
  /** What a load would leave out or change, in words. */
  warnings: readonly string[];
}

/** The slot supervisor as handlers and the request path use it. */
export interface Slots {
  /** Loaded models first. The array is replaced, never changed, so it can be compared by identity. */
  models(): readonly RoutableModel[];
  /** How many slots are ready now. */
  readyCount(): number;
  /**
   * A turn on a ready engine that runs this model. Answers at once, without a promise, when a sequence is free. A model
   * that is only on the disk is loaded first, where the configuration allows it.
   * @throws GatewayError `queue_full`, `engine_unavailable`, `draining`, `client_closed`
   */
  lease(modelId: string, options: LeaseOptions): Lease | Promise<Lease>;
  snapshot(): Promise<SlotSnapshot[]>;
  /** Tells when a slot's state changes; not when requests come and go. Returns a function that stops it. */
  subscribe(listener: () => void): () => void;
  queue(): QueueSnapshot;
  localModels(): Promise<LocalModel[]>;
  /**
   * Writes the wish to the config and loads. Resolves when ready, or with `wait: false` as soon as the engine is being
   * started.
   * @throws GatewayError 400 wrong path, 404 no such slot, 409 slot busy or memory short, 422 with the engine's last lines
   */
  load(port: WantedSlot, request: LoadRequest, options?: LoadOptions): Promise<SlotSnapshot>;
  /**
   * Whether it would fit into memory now, without loading anything.
   * @param port of the slot that it would replace
   * @throws GatewayError 400, 422
   */
  fit(request: LoadRequest, port?: number): Promise<FitAnswer>;
  /**
   * Drains (up to the drain deadline), stops the engine, clears the wish. Until that is done, requests for its model are
   * refused, or with `mayReturn` have it loaded again, where the configuration allows it.
   */
  unload(port: number, options?: UnloadOptions): Promise<SlotSnapshot>;
  restart(port: number, options?: ActionOptions): Promise<SlotSnapshot>;
  /**
   * Loads once more what has failed in a slot.
   * @param change options that win over those it failed with; absent: what its `nextStep` names
   * @throws GatewayError as `load`, and 409 where nothing has failed
   */
  retry(port: number, change?: LoadChange, options?: Omit<LoadOptions, "force">): Promise<SlotSnapshot>;
  /** Asks a ready engine one real request, for nobody. @throws GatewayError 404, 409 not ready, 422 with its words */
  tryOut(port: number): Promise<void>;
  /** The engine's last lines, oldest first. */
  logs(port: number, lines: number): string[];
  /** All of the engine's log that is kept on the disk. @throws GatewayError 404 */
  logFile(port: number): Promise<ReadableStream<Uint8Array>>;
  /** Hands on what the engine prints from now on. @returns what ends it. @throws GatewayError 404 */
  followLogs(port: number, listener: LogListener): () => void;
}
