/** Real slots over real llama-servers with tiny models, in a folder of their own. */
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import type { Database } from "../../../lib/data/types.ts";
import { type Environment, readEnvironment } from "../../../lib/env.ts";
import type { MachineReader } from "../../../lib/machine/types.ts";
import type { LoadRequest, SlotSnapshot, SlotStatus } from "../../../lib/slots/types.ts";
import { llamaServerPath, type TinyModels, tinyModels } from "../../../tests/fixtures/index.ts";
import { type DemandHelpers, noHelpers } from "../on-demand/helpers.ts";
import { createSlots, type Supervisor } from "../supervisor.ts";
import { type Timings, timings } from "../timings.ts";
import { MemoryConfig } from "./memory-config.ts";

export interface Rig {
  dataDir: string;
  environment: Environment;
  config: MemoryConfig;
  slots: Supervisor;
  ports: [number, number, number];
  /** Waits for what a slot shows; fails after 15 s. */
  until(port: number, status: SlotStatus): Promise<SlotSnapshot>;
  /** Ends this one's engines and builds new slots on the same data and configuration. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export interface RigOptions {
  wishes?: (ports: readonly number[]) => Record<number, LoadRequest | null>;
  config?: Record<string, unknown>;
  timings?: Partial<Timings>;
  /** Where runs are written down; absent: nowhere. */
  database?: Pick<Database, "slotRuns">;
  helpers?: Partial<DemandHelpers>;
  /** Absent: this one. Loads on demand are judged by it only where it is given. */
  machine?: MachineReader;
}

/** Everything in tests happens sooner. */
const quick: Timings = {
  ...timings,
  restart: { maxCrashes: 3, firstBackoffMs: 50, maxBackoffMs: 200, healthyAfterMs: 60_000 },
  stopGraceMs: 1_000,
  probeEveryMs: 150,
  probeAnswerMs: 500,
  maxSilentProbes: 2,
  suspicionMs: 300,
  onDemand: { roomEveryMs: 20, idleEveryMs: 50, tellEveryMs: 100 },
};
const waitMs = 15_000;

/** Three slots, empty unless wished otherwise. The models of `tinyModels` lie in `models/` by their file names. */
export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const dataDir = await createDataDir(await tinyModels());
  const ports = await freePorts();
  const environment: Environment = {
    ...readEnvironment({ ...process.env, GATEWAY_DATA_DIR: dataDir }),
    llamaServer: await llamaServerPath(),
  };
  const empty = Object.fromEntries(ports.map((port) => [port, null]));
  const config = new MemoryConfig({ ...empty, ...options.wishes?.(ports) }, options.config);
  const build = () =>
    createSlots({
      config,
      environment,
      log: pino({ level: "silent" }),
      timings: { ...quick, ...options.timings },
      helpers: options.machine ? undefined : { ...noHelpers, ...options.helpers },
      machine: options.machine,
      database: options.database,
    });
  const rig: Rig = {
    dataDir,
    environment,
    config,
    slots: build(),
    ports,
    until: (port, status) => untilStatus(rig.slots, port, status),
    async restart() {
      await rig.slots.shutdown(5_000);
      rig.slots = build();
      await rig.slots.start();
    },
    async end() {
      await rig.slots.shutdown(0);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await rig.slots.start();
  return rig;
}

/** A data folder whose models are links to the shared ones: they are never written to. */
export async function createDataDir(models: TinyModels): Promise<string> {
  const dataDir = await realpath(await mkdtemp(path.join(os.tmpdir(), "slots-")));
  await mkdir(path.join(dataDir, "models"));
  for (const file of Object.values(models))
    await symlink(file, path.join(dataDir, "models", path.basename(file)));
  return dataDir;
}

export async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [first = 0, second = 0, third = 0] = ports.sort((a, b) => a - b);
  return [first, second, third];
}

/** Waits until `look` gives something. @throws Error after 15 s */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadlineMs) throw new Error(`It did not happen: ${what}`);
    await sleep(10);
  }
}

function untilStatus(slots: Supervisor, port: number, status: SlotStatus): Promise<SlotSnapshot> {
  return eventually(`slot ${port} is ${status}`, async () => {
    const snapshot = (await slots.snapshot()).find((one) => one.port === port);
    return snapshot?.status === status ? snapshot : undefined;
  });
}
