/** The real server, started as `npm start` does, in a temporary data folder on ports of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { llamaServerPath } from "../fixtures/index.ts";
import { fillDataFolder, linkModels, temporaryFolder } from "./data-folder.ts";
import { freePort, freePorts } from "./port.ts";
import { waitFor } from "./wait.ts";

const projectDir = fileURLToPath(new URL("../..", import.meta.url));

export interface GatewayOptions {
  /** Keys of `config.json`. Left out with `firstStart`. */
  config?: Record<string, unknown>;
  /** Further environment variables. */
  environment?: Record<string, string>;
  /** `dev` serves the sources through Next, as `npm run dev`. */
  mode?: "production" | "dev";
  /** Without a `config.json`, as in a fresh clone. */
  firstStart?: boolean;
  /** An existing data folder, which stays when the gateway is disposed of. */
  dataDir?: string;
  /** Seven ports in a row; needed where a data folder is used again. */
  slotPorts?: number[];
  /** How long it may take to answer `/health` with 200. */
  readyMs?: number;
}

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
    readonly adminKey: string,
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
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${endpoint} gave ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
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
    return (await this.admin<{ lines: string[] }>("GET", `slots/${this.slot(index)}/logs`)).lines;
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) await this.kill9();
    // The reaper's engines hold files of the folder for a moment longer.
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 10 });
  }
}

/**
 * Starts a gateway and waits until it takes requests. Dispose of it at the end, with `await using` or by hand.
 * @throws Error with what it printed when it does not start
 */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await launchGateway(options);
  try {
    await waitFor("the gateway to be ready", () => isReady(gateway), {
      timeoutMs: options.readyMs ?? (options.mode === "dev" ? 90_000 : 20_000),
    });
    return gateway;
  } catch (error) {
    await gateway[Symbol.asyncDispose]();
    throw new Error(`The gateway did not start. It printed:\n${gateway.logs()}`, { cause: error });
  }
}

/** Starts a gateway without waiting for anything, for tests of the start itself. */
export async function launchGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const port = await freePort();
  const slotPorts = options.slotPorts ?? (await freePorts(7));
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const adminKey = await prepareFolder(dataDir, slotPorts, options);
  const args =
    options.mode === "dev" ? ["--import", "tsx", "scripts/start.mjs", "--dev"] : ["scripts/start.mjs"];
  const child = spawn(process.execPath, args, {
    cwd: projectDir,
    // A group of its own, so that a test can end the group without ending itself.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...inheritedEnvironment(),
      PORT: String(port),
      GATEWAY_DATA_DIR: dataDir,
      GATEWAY_SLOT_BASE_PORT: String(slotPorts[0]),
      GATEWAY_STARTER: "off",
      LLAMA_SERVER: await llamaServerPath(),
      ...options.environment,
    },
  });
  return new Gateway(child, port, slotPorts, dataDir, adminKey, options.dataDir === undefined);
}

/** @returns the admin key, where one is known before the start */
async function prepareFolder(
  dataDir: string,
  slotPorts: readonly number[],
  { config, firstStart, environment }: GatewayOptions,
): Promise<string> {
  const existing = await readFile(path.join(dataDir, "config.json"), "utf8").catch(() => null);
  if (existing !== null) return (JSON.parse(existing) as { admin_key: string }).admin_key;
  if (!firstStart) return (await fillDataFolder(dataDir, slotPorts, config)).adminKey;
  await linkModels(dataDir);
  return environment?.GATEWAY_ADMIN_KEY ?? "";
}

/** The variables of the test runner, and of whoever runs it, are not the gateway's. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const own =
    /^(?:NODE_ENV|NODE_OPTIONS|VITEST.*|GATEWAY_(?!CACHE_DIR).*|PORT|HOST|LLAMA_SERVER|TEST|DEV|PROD|MODE)$/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !own.test(name)),
  ) as NodeJS.ProcessEnv;
}

async function isReady(gateway: Gateway): Promise<boolean> {
  if (!gateway.isRunning) throw new Error(`It ended with code ${gateway.child.exitCode}`);
  return (await gateway.fetch("/health")).ok;
}
