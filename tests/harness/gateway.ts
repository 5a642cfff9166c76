/** The real server, started as `npm start` does, in a temporary data folder on ports of its own. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { llamaServerPath } from "../fixtures/index.ts";
import { fillDataFolder, linkModels, temporaryFolder } from "./data-folder.ts";
import { freePort, freePorts } from "./port.ts";
import { Gateway } from "./running-gateway.ts";
import { waitFor } from "./wait.ts";

export { Gateway, type User } from "./running-gateway.ts";

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
  slotPorts?: readonly number[];
  /** How long it may take to answer `/health` with 200. */
  readyMs?: number;
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
    gateway.adminKey ||= (await adminKeyIn(gateway.dataDir)) ?? "";
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
  const child = spawn(process.execPath, startArguments(options.mode ?? "production"), {
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

/** What `npm start` and `npm run dev` give to Node: the scripts of package.json are the only place for its switches. */
function startArguments(mode: "production" | "dev"): string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(projectDir, "package.json"), "utf8")) as {
    scripts: { start: string; dev: string };
  };
  const [, args] = /.*\bnode (.*)$/.exec(mode === "dev" ? scripts.dev : scripts.start) ?? [];
  if (args === undefined) throw new Error("The scripts of package.json do not start Node");
  return args.split(" ");
}

/** @returns the admin key, where one is known before the start */
async function prepareFolder(
  dataDir: string,
  slotPorts: readonly number[],
  { config, firstStart, environment }: GatewayOptions,
): Promise<string> {
  if (environment?.GATEWAY_ADMIN_KEY === undefined) {
    const existing = await adminKeyIn(dataDir);
    if (existing !== null) return existing;
    if (!firstStart) return (await fillDataFolder(dataDir, slotPorts, config)).adminKey;
  }
  if (firstStart) await linkModels(dataDir);
  return environment?.GATEWAY_ADMIN_KEY ?? "";
}

/** Null where there is no `config.json`; empty where it has no key yet. */
async function adminKeyIn(dataDir: string): Promise<string | null> {
  const text = await readFile(path.join(dataDir, "config.json"), "utf8").catch(() => null);
  return text === null ? null : ((JSON.parse(text) as { admin_key?: string }).admin_key ?? "");
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
