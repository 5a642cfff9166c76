/** What is measured: something that answers chat requests, with an engine behind it. */
import type { MockStats } from "../engine/server.ts";
import type { Address } from "../load/jobs.ts";
import type { TreeUsage } from "../process-tree.ts";

export const targetNames = ["direct", "proxy", "gateway", "gateway-llama"] as const;
export type TargetName = (typeof targetNames)[number];

export interface Target {
  name: TargetName;
  /** What a whole answer must contain. */
  expect: string;
  /** False for what runs already. */
  isStarted: boolean;
  /** Whether 1,000 streams may be open at once. */
  holds: boolean;
  /** Known after the first `start`. */
  readonly address: Address;
  /** The engine behind it, to set its pace and to count its streams. */
  readonly engine: EngineControl;
  /** Begins to start it; the first answer may come later. */
  start(): Promise<void>;
  /** Loads what it serves besides chat, as people would before its memory is looked at. */
  visit(): Promise<void>;
  stop(): Promise<void>;
  /** CPU and memory of the target alone, without the engine behind it. */
  usage(): TreeUsage;
  /** The end of its log, for error messages. */
  logTail(): string;
}

/** The mock engine's own switches. */
export class EngineControl {
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  async setGapMs(gapMs: number): Promise<void> {
    await this.#get(`/mock/set?gapMs=${gapMs}`);
  }

  async stats(): Promise<MockStats> {
    return (await this.#get("/mock/stats")) as MockStats;
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`);
    if (!answer.ok) throw new Error(`The mock engine answered ${answer.status} to ${path}.`);
    return answer.json();
  }
}
