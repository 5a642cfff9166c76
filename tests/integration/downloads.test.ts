/** The built gateway goes on with a download that its last end has interrupted, and lets it rest when it is stopped; what an upload has left is removed. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../server/database/client.ts";
import { temporaryFolder } from "../harness/data-folder.ts";
import { queryDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import { commit, localHub } from "../harness/hub.ts";
import { servedFile } from "../harness/hub-files.ts";
import { freePorts } from "../harness/port.ts";
import { waitFor } from "../harness/wait.ts";

const file = servedFile(6 * 1024 * 1024);
const place = "org--m-GGUF/m-Q4_0.gguf";

/** As if an admin had asked for it just before the gateway ended. */
async function interruptedDownload(dataDir: string): Promise<void> {
  const database = await openDatabase({ dataDir });
  const planned = { path: place, remotePath: "m-Q4_0.gguf", sizeBytes: file.sizeBytes, sha256: file.sha256 };
  await database.downloads.create({
    source: "hub",
    repoId: "org/m-GGUF",
    revision: commit,
    url: null,
    name: "m-Q4_0.gguf",
    folder: "org--m-GGUF",
    status: "running",
    createdAtMs: Date.now(),
    files: [planned],
  });
  await database.close();
}

test("a download goes on over SIGTERM and kill -9", async () => {
  await using hub = await localHub({ "org/m-GGUF": { files: { "m-Q4_0.gguf": file } } });
  const dataDir = await temporaryFolder();
  const slotPorts = await freePorts(7);
  await interruptedDownload(dataDir);
  const start = () => startGateway({ dataDir, slotPorts, config: { hub_url: hub.url } });
  const starts = () =>
    hub.requests
      .filter(({ server }) => server === "cdn")
      .map(({ headers }) => Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0));
  // Slow enough not to be done before the gateway is asked to end.
  hub.faults.bytesPerS = 200_000;
  const partBytes = async () => (await readFile(path.join(dataDir, "models", `${place}.part`))).length;

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const before = await partBytes().catch(() => 0);
    const gateway = await start();
    await waitFor("bytes on the disk", async () => (await partBytes()) > before);
    const ended = new Promise<number | null>((resolve) => gateway.child.once("exit", resolve));
    gateway.child.kill(signal);
    expect(await ended).toBe(signal === "SIGTERM" ? 0 : null);
    expect(await readdir(path.join(dataDir, "models", path.dirname(place)))).toEqual([
      `${path.basename(place)}.part`,
    ]);
  }

  hub.faults.bytesPerS = null;
  const upload = path.join(dataDir, "models", "sent.gguf.upload.part");
  await writeFile(upload, "what came until the kill");
  const gateway = await start();
  await expect(readFile(upload)).rejects.toThrow("ENOENT");
  await waitFor("the file", () => readFile(path.join(dataDir, "models", place)));
  await waitFor("the end to be noted", () => {
    const [row] = queryDatabase<{ status: string }>(dataDir, "SELECT status FROM downloads");
    return row?.status === "done";
  });
  expect(file.read(0, file.sizeBytes).equals(await readFile(path.join(dataDir, "models", place)))).toBe(true);
  const [first, ...later] = starts();
  expect(first).toBe(0);
  expect(later.every((from) => from > 0)).toBe(true);
  await gateway[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
}, 120_000);
