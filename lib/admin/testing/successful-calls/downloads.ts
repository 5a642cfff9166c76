/** Downloads, from a hub on this machine. */
import { afterAll } from "vitest";
import type { DownloadStatus } from "../../../../lib/downloads/types.ts";
import { type LocalHub, localHub } from "../../../../tests/harness/hub.ts";
import { servedFile } from "../../../../tests/harness/hub-files.ts";
import { waitFor } from "../../../../tests/harness/wait.ts";
import type { AdminServices } from "../services.ts";
import { newName, type SuccessfulCalls } from "./call.ts";

/** Opened once for all calls of a test file. */
let opened: Promise<LocalHub> | null = null;
afterAll(async () => (await opened)?.[Symbol.asyncDispose]());

const filename = "model-Q8_0.gguf";

/** A hub that behaves well, with a new repository. */
async function newRepository({ config }: AdminServices): Promise<{ hub: LocalHub; repoId: string }> {
  opened ??= localHub();
  const hub = await opened;
  const repoId = `org/${newName()}`;
  hub.repositories[repoId] = { files: { [filename]: servedFile(500_000) } };
  hub.faults.bytesPerS = null;
  hub.faults.corruptAt = null;
  await config.patch({ hub_url: hub.url });
  return { hub, repoId };
}

/** A download that takes seconds; returns its id. */
async function slowDownload(services: AdminServices): Promise<number> {
  const { hub, repoId } = await newRepository(services);
  hub.faults.bytesPerS = 100_000;
  return (await services.downloads.add({ repoId, filename, projector: false })).id;
}

/** A download whose bytes came wrong; returns its id. */
async function failedDownload(services: AdminServices): Promise<number> {
  const { downloads } = services;
  const { hub, repoId } = await newRepository(services);
  hub.faults.corruptAt = 5;
  const { id } = await downloads.add({ repoId, filename, projector: false });
  const status = (): DownloadStatus | undefined => downloads.list().find((one) => one.id === id)?.status;
  await waitFor(`download ${id} to fail`, () => status() === "failed");
  hub.faults.corruptAt = null;
  return id;
}

const at = (id: number) => ({ params: { id: String(id) } });

export const downloadCalls: SuccessfulCalls = {
  downloadModel: async (services) => {
    const { repoId } = await newRepository(services);
    return { body: { repo_id: repoId, filename } };
  },
  removeDownload: async (services) => at(await slowDownload(services)),
  pauseDownload: async (services) => at(await slowDownload(services)),
  continueDownload: async (services) => at((await services.downloads.pause(await slowDownload(services))).id),
  retryDownload: async (services) => at(await failedDownload(services)),
};
