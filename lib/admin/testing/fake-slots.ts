/** Slots without engines: what the admin API asks of a supervisor, in memory. */
import type { Trials } from "../../../server/slots/trials.ts";
import { GatewayError } from "../../errors.ts";
import type { FitQuestion } from "../../fit/figures.ts";
import { fitSettings, machine } from "../../fit/testing/questions.ts";
import { judge } from "../../fit/verdict.ts";
import type {
  ActionOptions,
  FitAnswer,
  LoadChange,
  LoadOptions,
  LoadRequest,
  LocalModel,
  QueueSnapshot,
  RoutableModel,
  SlotSnapshot,
  Slots,
  WantedSlot,
} from "../../slots/types.ts";

const empty: Omit<SlotSnapshot, "port"> = {
  status: "empty",
  modelName: null,
  files: [],
  modelType: null,
  capabilities: [],
  ctxSize: null,
  parallel: null,
  threads: null,
  pid: null,
  ramBytes: null,
  cpuPercent: null,
  cpuTimeS: null,
  uptimeS: null,
  inFlight: 0,
  queued: 0,
  crashes: 0,
  maxCrashes: 5,
  error: null,
  cause: null,
  nextStep: null,
  warnings: [],
};

/** A machine without models, and a file that says nothing. */
const question: FitQuestion = {
  modelId: "",
  shape: null,
  settings: fitSettings(),
  machine: machine(8),
  loaded: [],
  learnedBytes: null,
};

/**
 * Loads everything at once, but for `broken.gguf`, whose engine ends, `absent.gguf`, which is not there, and `huge.gguf`,
 * which does not fit.
 */
export class FakeSlots implements Slots {
  readonly local: LocalModel[] = [];
  /** What `load` was called with. */
  readonly loads: { port: number; request: LoadRequest; wait: boolean }[] = [];
  /** No engine can be measured here, unless a test puts one in. */
  readonly trials: Pick<Trials, "serving" | "busyWith" | "untilServing" | "open"> = {
    serving: () => [],
    busyWith: () => 0,
    untilServing: () => new Promise(() => undefined),
    open: () => Promise.reject(new GatewayError("conflict", "There are no engines here.")),
  };
  #slots: SlotSnapshot[];

  constructor(ports: readonly number[]) {
    this.#slots = ports.map((port) => ({ port, ...empty }));
  }

  models = (): readonly RoutableModel[] =>
    this.#slots.flatMap(({ status, modelName, modelType, capabilities }) =>
      status === "empty" || modelName === null || modelType === null
        ? []
        : [{ id: modelName, type: modelType, capabilities, contextLength: null, status, createdS: 0 }],
    );
  readyCount = () => this.#slots.filter(({ status }) => status === "ready").length;
  snapshot = async () => structuredClone(this.#slots);
  subscribe = () => () => {};
  queue = (): QueueSnapshot => ({ lines: [], engines: [] });
  localModels = async () => structuredClone(this.local);

  lease(): never {
    throw new GatewayError("engine_unavailable", "There are no engines here.");
  }

  async load(
    wanted: WantedSlot,
    request: LoadRequest,
    { wait = true, force = false, onBegun }: LoadOptions = {},
  ): Promise<SlotSnapshot> {
    const port = wanted === "any" ? this.#firstEmpty() : wanted;
    if (!["empty", "failed"].includes(this.#at(port).status))
      throw new GatewayError("conflict", `Slot ${port} is busy.`);
    if (request.model_path === "absent.gguf")
      throw new GatewayError("invalid_request", "There is no such file.", { param: "model_path" });
    if (request.model_path === "huge.gguf" && !force) throw new GatewayError("conflict", "It does not fit.");
    onBegun?.(port);
    if (request.model_path === "broken.gguf") {
      this.#put(port, { status: "failed", modelName: request.model_path });
      throw new GatewayError("unprocessable", "The engine ended.");
    }
    this.loads.push({ port, request, wait });
    return this.#put(port, {
      status: wait ? "ready" : "starting",
      modelName: request.remote?.model ?? request.model_path ?? null,
      files: request.model_path === undefined ? [] : [request.model_path],
      modelType: request.model_type ?? "text",
      capabilities: ["text"],
      pid: 4321,
      ramBytes: 1_572_864,
      cpuPercent: 12.345,
    });
  }

  async fit({ model_path: path, remote }: LoadRequest): Promise<FitAnswer> {
    const verdict = remote ? null : judge({ ...question, modelId: path ?? "" });
    return { model: remote?.model ?? path ?? "", verdict, warnings: [] };
  }

  async unload(port: number, { onBegun }: ActionOptions = {}): Promise<SlotSnapshot> {
    this.#at(port);
    onBegun?.(port);
    return this.#put(port, empty);
  }

  async restart(port: number, { onBegun }: ActionOptions = {}): Promise<SlotSnapshot> {
    const slot = this.#at(port);
    if (slot.status === "empty") throw new GatewayError("conflict", `Slot ${port} is empty.`);
    onBegun?.(port);
    return this.#put(port, { ...slot, pid: 4322 });
  }

  async retry(port: number, change: LoadChange = {}, options: LoadOptions = {}): Promise<SlotSnapshot> {
    if (this.#at(port).status !== "failed")
      throw new GatewayError("conflict", `Slot ${port} has not failed.`);
    return this.load(port, { model_path: "m.gguf", ...change }, options);
  }

  /** All are well, but those of `mute.gguf`. */
  async tryOut(port: number): Promise<void> {
    if (this.#at(port).modelName === "mute.gguf")
      throw new GatewayError("unprocessable", "A first request failed.");
  }

  logs(port: number, lines: number): string[] {
    this.#at(port);
    return lines > 0 ? ["loading", "ready"].slice(-lines) : [];
  }

  async logFile(port: number): Promise<ReadableStream<Uint8Array>> {
    const text = this.logs(port, 2).map((line) => `${line}\n`);
    return new Blob(text).stream();
  }

  followLogs(port: number): () => void {
    this.#at(port);
    return () => undefined;
  }

  /** As after an engine's end. */
  fail(port: number, failure: Pick<SlotSnapshot, "error" | "cause" | "nextStep">): void {
    this.#put(port, { status: "failed", ...failure });
  }

  #firstEmpty(): number {
    const empty = this.#slots.find(({ status }) => status === "empty");
    if (empty) return empty.port;
    throw new GatewayError("conflict", "No slot is empty.", { param: "slot" });
  }

  #at(port: number): SlotSnapshot {
    const slot = this.#slots.find((one) => one.port === port);
    if (slot) return slot;
    throw new GatewayError("not_found", `There is no slot ${port}.`, { param: "slot" });
  }

  #put(port: number, change: Partial<SlotSnapshot>): SlotSnapshot {
    const changed = { ...this.#at(port), ...change };
    this.#slots = this.#slots.map((slot) => (slot.port === port ? changed : slot));
    return changed;
  }
}
