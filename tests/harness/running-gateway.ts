/** A gateway that was started for a test, and how a test uses it. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { leftBehind } from "./left-behind.ts";
import { waitFor } from "./wait.ts";

export interface LoadOptions {
  model_path?: string;
  remote?: { base_url: string; api_key?: string; model: string };
  [option: string]: unknown;
}

export interface Loaded {
  status: string;
  slot: number;
  model: string;
  model_type: string;
  pid: number | null;
}

/** A slot as `GET /admin/api/slots` describes it. */
export interface SlotState {
  port: number;
  status: string;
  model_name: string | null;
  model_type: string | null;
  capabilities: string[];
  ctx_size: number | null;
  parallel: number | null;
  pid: number | null;
  in_flight: number;
  queued: number;
  error?: string | null;
}

export interface User {
  id: number;
  apiKey: string;
}

/** Everything that still runs when the test process ends goes with it. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Gateway implements AsyncDisposable {
  readonly url: string;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  #output = "";

  constructor(
    readonly child: ChildProcess,
    readonly port: number,
    readonly slotPorts: readonly number[],
    readonly dataDir: string,
    /** Empty until the gateway has made one. */
    public adminKey: string,
    readonly ownsDataDir: boolean,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    running.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data: Buffer) => {
        this.#output += data;
      });
    this.exited = once(child, "exit").then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("The gateway could not be started");
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The port of a slot, by its place from 0 to 6. */
  slot(index: number): number {
    const port = this.slotPorts[index];
    if (port === undefined) throw new Error(`There is no slot ${index}`);
    return port;
  }

  /** All that it printed so far. */
  logs(): string {
    return this.#output;
  }

  fetch(target: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + target, init);
  }

  /** Sends a request target exactly as it is given, which `fetch` would tidy up. */
  rawRequest(method: string, target: string, key: string): Promise<{ status: number; body: string }> {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const options = { host: "127.0.0.1", port: this.port, method, path: target, headers };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(options, async (response) => {
        resolve({ status: response.statusCode ?? 0, body: await text(response) });
      });
      sent.once("error", reject);
      sent.end(method === "POST" ? "{}" : undefined);
    });
  }

  /** Calls an endpoint below `/admin/api` with the admin key; the answer may have any status. */
  async adminResponse(method: string, endpoint: string, body?: unknown): Promise<Response> {
    return this.fetch(`/admin/api/${endpoint}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** As `adminResponse`, for calls that must succeed. @throws Error with the answer's status and text */
  async admin<Answer>(method: string, endpoint: string, body?: unknown): Promise<Answer> {
    const response = await this.adminResponse(method, endpoint, body);
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${endpoint} gave ${response.status}: ${answer}`);
    return JSON.parse(answer) as Answer;
  }

  /** Loads a model into the slot at this place, and waits until it is ready. */
  loadModel(index: number, options: LoadOptions): Promise<Loaded> {
    return this.admin<Loaded>("POST", "slots/load", { slot: this.slot(index), ...options });
  }

  async slots(): Promise<SlotState[]> {
    return (await this.admin<{ slots: SlotState[] }>("GET", "slots")).slots;
  }

  /** The slot at this place, from 0 to 6. */
  async slotState(index: number): Promise<SlotState> {
    const found = (await this.slots()).find((slot) => slot.port === this.slot(index));
    if (!found) throw new Error(`GET slots does not list port ${this.slot(index)}`);
    return found;
  }

  /** Waits until the slot is in this status. */
  waitForStatus(index: number, status: string, timeoutMs = 20_000): Promise<SlotState> {
    return waitFor(
      `slot ${index} to be ${status}`,
      async () => {
        const slot = await this.slotState(index);
        if (slot.status !== status) throw new Error(`It is ${slot.status}: ${slot.error}`);
        return slot;
      },
      { timeoutMs },
    );
  }

  /** The engine's last lines. */
  async slotLogs(index: number): Promise<string[]> {
    return (await this.admin<{ data: string[] }>("GET", `slots/${this.slot(index)}/logs`)).data;
  }

  async createUser({ tier = "sub", balance = 10, limits = {} } = {}): Promise<User> {
    const email = `user-${crypto.randomUUID()}@example.com`;
    const user = await this.admin<{ id: number; api_key: string }>("POST", "users", {
      email,
      tier,
      balance,
      limits,
    });
    return { id: user.id, apiKey: user.api_key };
  }

  /** SIGTERM, and the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.exited;
  }

  /** SIGKILL to the gateway alone: its engines are the reaper's task. */
  async kill9(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** @throws Error where the gateway left a process behind; it is ended then */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill9();
    const left = await leftBehind(this.dataDir);
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 10 });
    if (left.length > 0) throw new Error(`The gateway left processes behind:\n${left.join("\n")}`);
  }
}
