/** The real manager with a real database, which the tests of a file share, a local hub and a folder of its own. */
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { configSchema } from "../../../lib/config/schema.ts";
import type { DownloadSnapshot, DownloadStatus } from "../../../lib/downloads/types.ts";
import { createHub } from "../../../lib/hub/hub.ts";
import { type HubRepositoryOptions, type LocalHub, localHub } from "../../../tests/harness/hub.ts";
import type { ServedFile } from "../../../tests/harness/hub-files.ts";
import type { TestDatabase } from "../../database/testing/test-database.ts";
import { hubFetch } from "../../hub/hub-fetch.ts";
import { DownloadManager, type DownloadManagerOptions } from "../manager.ts";

export const token = "hf_secret_token";

export interface Rig extends AsyncDisposable {
  hub: LocalHub;
  downloads: DownloadManager;
  modelsDir: string;
  inspect: TestDatabase["inspect"];
  /** What was logged, as JSON. */
  log: string[];
  /** Stops the manager and starts another one on the same data, as a restart does. */
  restart(): Promise<void>;
  /** Resolves with the download as soon as it has one of these states. */
  reached(id: number, ...statuses: DownloadStatus[]): Promise<DownloadSnapshot>;
  /** Files below the models folder, sorted. */
  names(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
}

export async function openRig(
  { database, inspect }: TestDatabase,
  repositories: Record<string, HubRepositoryOptions>,
  options: Partial<DownloadManagerOptions> = {},
): Promise<Rig> {
  const hub = await localHub(repositories);
  const modelsDir = options.modelsDir ?? (await mkdtemp(path.join(os.tmpdir(), "llm-gateway-downloads-")));
  await mkdir(modelsDir, { recursive: true });
  const log: string[] = [];
  const write = (...parts: unknown[]) => void log.push(JSON.stringify(parts));
  const config = { current: testConfig(hub.url) };
  const open = async () => {
    const manager = new DownloadManager({
      modelsDir,
      database,
      config,
      hub: createHub({ config, fetch: hubFetch(), sizeFit: async () => null }),
      uploads: { missingBytes: 0 },
      log: { info: write, warn: write },
      waitScale: 0.005,
      ...options,
    });
    await manager.start();
    return manager;
  };
  const rig: Rig = {
    hub,
    modelsDir,
    inspect,
    log,
    downloads: await open(),
    async restart() {
      await rig.downloads.close();
      rig.downloads = await open();
    },
    reached: (id, ...statuses) => reached(rig.downloads, id, statuses),
    names: async () => {
      const entries = await readdir(modelsDir, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return files
        .map(({ parentPath, name }) => path.relative(modelsDir, path.join(parentPath, name)))
        .sort();
    },
    read: (name) => readFile(path.join(modelsDir, name)),
    async [Symbol.asyncDispose]() {
      await rig.downloads.close();
      for (const { id } of await database.downloads.load()) await database.downloads.remove(id);
      await hub[Symbol.asyncDispose]();
      await rm(modelsDir, { recursive: true, force: true });
    },
  };
  return rig;
}

export function testConfig(hubUrl: string) {
  return configSchema.parse({
    slots: {},
    admin_key: `sk-${"0".repeat(48)}`,
    session_secret: "s".repeat(32),
    hub_url: hubUrl,
    hf_token: token,
  });
}

export const bytesOf = (file: ServedFile) => file.read(0, file.sizeBytes);

function reached(
  downloads: DownloadManager,
  id: number,
  statuses: DownloadStatus[],
): Promise<DownloadSnapshot> {
  const now = () => downloads.list().find((one) => one.id === id && statuses.includes(one.status));
  return new Promise((resolve) => {
    const stop = downloads.subscribe(() => check());
    const check = () => {
      const found = now();
      if (!found) return;
      stop();
      resolve(found);
    };
    check();
  });
}
