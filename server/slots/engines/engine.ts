/** What the supervisor needs of any engine: a local process, a remote server, later a speech host. */
import type { FitVerdict } from "../../../lib/fit/verdict.ts";
import type { Engine, LoadRequest, RoutableModel } from "../../../lib/slots/types.ts";
import type { EngineLog } from "../engine-log.ts";
import type { EngineExit } from "../processes/engine-process.ts";
import type { LlamaSettings } from "./llama-command.ts";

/** What a slot will run, worked out before anything is started. */
export interface PlannedEngine {
  model: Omit<RoutableModel, "status">;
  /** Tokens per request; null where the engine knows better. */
  ctxSize: number | null;
  /** Requests at once; `Infinity` where the engine queues by itself. */
  parallel: number;
  threads: number | null;
  /** Absolute paths of the files that it needs, those that links lead to among them; none for a remote. */
  files: readonly string[];
  /** What had to be left out of the request or the configuration, in words. */
  warnings: readonly string[];
  /** How llama-server will be started, but for what only a start can know; absent for a remote. */
  settings?: Omit<LlamaSettings, "port" | "keyFile">;
  /** Whether memory was there for it when it was planned; null or absent where nobody asked. */
  fit?: FitVerdict | null;
  /**
   * Resolves when the engine answers as it should. When it does not, or `signal` aborts, nothing is left running.
   * @throws StartFailure
   */
  start(launch: Launch): Promise<RunningEngine>;
}

export interface Launch {
  port: number;
  log: EngineLog;
  signal: AbortSignal;
  /** Told when the engine has a process, before it is ready. */
  onProcess(pid: number): void;
}

export interface RunningEngine {
  engine: Engine;
  pid: number | null;
  /** Silence of a request tells something: the engine reports progress all the time. */
  stalls: boolean;
  /** What was refused while starting, in words. */
  warnings: readonly string[];
  /** Resolves when the engine ends, whoever ended it; never for a remote. */
  exited: Promise<EngineExit>;
  /** Rejects when the engine does not answer at all. */
  probe(signal: AbortSignal): Promise<void>;
  /**
   * Rejects when it does not do its actual work.
   * @param onStep called whenever it shows that it is at it
   */
  prove(signal: AbortSignal, onStep: () => void): Promise<void>;
  /** Ends it; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

export interface EngineAdapter {
  /** @throws GatewayError when the request cannot be run here: a wrong path, no engine installed */
  plan(request: LoadRequest): Promise<PlannedEngine>;
}

/**
 * Why a start failed: the engine ended by itself (`exited`) or by a signal (`killed`), the port is somebody else's, the
 * time was up, a remote does not answer, or what is asked for cannot work (`unsuitable`).
 */
export type FailureKind = "exited" | "killed" | "port_taken" | "timeout" | "unreachable" | "unsuitable";

export class StartFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
    /** Of the process that ended. */
    readonly exit: EngineExit | null = null,
  ) {
    super(message, options);
  }
}
