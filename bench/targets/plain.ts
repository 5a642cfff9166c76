/** The two targets that the gateway is compared with: the mock engine itself, and a bare proxy before it. */
import path from "node:path";
import { type Child, freePort, logTail, startChild, stopChild } from "../child.ts";
import type { Address } from "../load/jobs.ts";
import { treeUsage } from "../process-tree.ts";
import type { Programs } from "../programs.ts";
import { EngineControl, type Target } from "./target.ts";

/** A sentence of the mock engine's whole answer. */
export const wholeAnswerPart = "copying it is no part";

/** The mock engine, which runs through the whole bench. */
export class DirectTarget implements Target {
  readonly name = "direct";
  readonly isStarted = false;
  readonly expect = wholeAnswerPart;
  readonly holds = true;
  readonly address: Address;
  readonly engine: EngineControl;
  readonly #child: Child;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.address = { port, model: "mock", key: null };
    this.engine = new EngineControl(port);
  }

  static async launch(programs: Programs, folder: string): Promise<DirectTarget> {
    const port = await freePort();
    const logFile = path.join(folder, "mock-engine.log");
    return new DirectTarget(
      startChild([process.execPath, programs.mockEngine, String(port)], { logFile }),
      port,
    );
  }

  async start(): Promise<void> {}
  async visit(): Promise<void> {}
  async stop(): Promise<void> {}

  usage() {
    return treeUsage(this.#child.pid);
  }

  logTail(): string {
    return logTail(this.#child);
  }

  async end(): Promise<void> {
    await stopChild(this.#child);
  }
}

/** The bare Node proxy. */
export class ProxyTarget implements Target {
  readonly name = "proxy";
  readonly isStarted = true;
  readonly expect = wholeAnswerPart;
  readonly holds = true;
  readonly address: Address;
  readonly engine: EngineControl;
  readonly #command: string[];
  readonly #logFile: string;
  #child: Child | null = null;

  private constructor(programs: Programs, engine: EngineControl, port: number, folder: string) {
    this.address = { port, model: "mock", key: null };
    this.engine = engine;
    this.#command = [process.execPath, programs.nodeProxy, String(port), String(engine.port)];
    this.#logFile = path.join(folder, "node-proxy.log");
  }

  static async prepare(programs: Programs, engine: EngineControl, folder: string): Promise<ProxyTarget> {
    return new ProxyTarget(programs, engine, await freePort(), folder);
  }

  async start(): Promise<void> {
    this.#child = startChild(this.#command, { logFile: this.#logFile });
  }

  async visit(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.#child) await stopChild(this.#child);
    this.#child = null;
  }

  usage() {
    return treeUsage(this.#child?.pid ?? 0);
  }

  logTail(): string {
    return this.#child ? logTail(this.#child) : "";
  }
}
