/** The gateway as `npm start` runs it, with everything on: key, limits, charge, usage row and ledger. */
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, freePort, freePortRange, logTail, startChild, stopChild } from "../child.ts";
import { token } from "../engine/answers.ts";
import { treeUsage } from "../process-tree.ts";
import { EngineControl, type Target } from "./target.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const slots = 7;
const prepareMs = 60_000;

/** Node's switches in `npm start`: `node SWITCHES scripts/start.mjs`. npm itself would count as part of the gateway. */
async function startFlags(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const words = String(scripts.start).split(" ");
  return words.slice(words.indexOf("node") + 1, words.indexOf("scripts/start.mjs"));
}

/** What stands in the gateway's first slot. */
export type EngineChoice =
  | { kind: "remote"; port: number; expect: string }
  /** `server` takes llama-server's command line; `model` is any text model's file. */
  | { kind: "llama-server"; server: string; model: string; parallel: number };

export class GatewayTarget implements Target {
  readonly name;
  readonly isStarted = true;
  readonly holds: boolean;
  readonly expect: string;
  readonly address;
  readonly engine: EngineControl;
  readonly #choice: EngineChoice;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: string;
  readonly #slotPort: number;
  readonly #adminKey = `sk-${randomBytes(24).toString("hex")}`;
  /** More of Node's switches, as for a profile. */
  nodeFlags: readonly string[] = [];
  #child: Child | null = null;

  private constructor(choice: EngineChoice, folder: string, port: number, slotPort: number) {
    const isRemote = choice.kind === "remote";
    this.name = isRemote ? ("gateway" as const) : ("gateway-llama" as const);
    this.holds = isRemote;
    this.expect = isRemote ? choice.expect : token.repeat(10).trim();
    this.address = {
      port,
      model: isRemote ? "mock" : path.basename(choice.model, ".gguf"),
      key: null as string | null,
    };
    this.engine = new EngineControl(isRemote ? choice.port : slotPort);
    this.#choice = choice;
    this.#folder = folder;
    this.#slotPort = slotPort;
    this.#environment = {
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      GATEWAY_DATA_DIR: path.join(folder, "data"),
      GATEWAY_ADMIN_KEY: this.#adminKey,
      GATEWAY_SLOT_BASE_PORT: String(slotPort),
      GATEWAY_STARTER: "off",
      ...(isRemote ? undefined : { LLAMA_SERVER: choice.server }),
    };
  }

  /** Makes its data folder, loads the engine, and makes a user that pays, once for the whole run. */
  static async prepare(choice: EngineChoice, folder: string): Promise<GatewayTarget> {
    const target = new GatewayTarget(choice, folder, await freePort(), await freePortRange(slots));
    await mkdir(path.join(folder, "data", "models"), { recursive: true });
    if (choice.kind === "llama-server")
      await copyFile(choice.model, path.join(folder, "data", "models", path.basename(choice.model)));
    await target.start();
    try {
      await target.#loadEngine();
      target.address.key = await target.#createUser();
    } finally {
      await target.stop();
    }
    return target;
  }

  async start(): Promise<void> {
    const script = path.join(root, "scripts", "start.mjs");
    const command = [process.execPath, ...(await startFlags()), ...this.nodeFlags, script];
    const logFile = path.join(this.#folder, "gateway.log");
    this.#child = startChild(command, { logFile, cwd: root, env: this.#environment });
  }

  async stop(): Promise<void> {
    if (this.#child) await stopChild(this.#child);
    this.#child = null;
  }

  /** The first page, so that Next and React are in memory. */
  async visit(): Promise<void> {
    const page = await fetch(`http://127.0.0.1:${this.address.port}/`);
    await page.text();
    if (!page.ok) throw new Error(`The portal answered ${page.status}.`);
  }

  usage() {
    return treeUsage(this.#child?.pid ?? 0, "llama-stand-in");
  }

  logTail(): string {
    return this.#child ? logTail(this.#child) : "";
  }

  async #loadEngine(): Promise<void> {
    const choice = this.#choice;
    const engine =
      choice.kind === "remote"
        ? { remote: { base_url: `http://127.0.0.1:${choice.port}/v1`, model: "mock" } }
        : { model_path: path.basename(choice.model), parallel: choice.parallel, ctx_size: 512 };
    await this.#admin("slots/load", { slot: this.#slotPort, model_type: "text", ...engine });
  }

  async #createUser(): Promise<string> {
    const user = await this.#admin("users", {
      email: "bench@example.org",
      tier: "payg",
      balance: 1_000_000,
      limits: { requests_per_minute: null, tokens_per_minute: null, concurrency: null },
    });
    return String(user.api_key);
  }

  /** Asks until the gateway is there; any other refusal than 503 is final. */
  async #admin(endpoint: string, body: unknown): Promise<Record<string, unknown>> {
    const endMs = performance.now() + prepareMs;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.address.port}/admin/api/${endpoint}`, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#adminKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }).catch(() => null);
      const text = (await answer?.text()) ?? "no connection";
      if (answer?.ok) return JSON.parse(text);
      if ((answer && answer.status !== 503) || performance.now() > endMs)
        throw new Error(`The gateway refused ${endpoint}: ${text}\n${this.logTail()}`);
      await sleep(200);
    }
  }
}
