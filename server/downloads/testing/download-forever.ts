/** Goes on with the downloads of a data folder until it is killed, or none is left. For kill.test.ts. */
import path from "node:path";
import { createHub } from "../../../lib/hub/hub.ts";
import { openDatabase } from "../../database/client.ts";
import { hubFetch } from "../../hub/hub-fetch.ts";
import { DownloadManager } from "../manager.ts";
import { testConfig } from "./rig.ts";

const [dataDir = "", hubUrl = "", filename = ""] = process.argv.slice(2);
const config = { current: testConfig(hubUrl) };
const manager = new DownloadManager({
  modelsDir: path.join(dataDir, "models"),
  database: await openDatabase({ dataDir }),
  config,
  hub: createHub({ config, fetch: hubFetch(), sizeFit: async () => null }),
  uploads: { missingBytes: 0 },
  log: { info: () => undefined, warn: (...parts: unknown[]) => console.log(JSON.stringify(parts)) },
});
manager.subscribe((event) => {
  if (event.kind !== "changed") return;
  const { status, doneBytes, error } = event.download;
  console.log(`${status} ${doneBytes} ${error ?? ""}`);
  if (status === "done" || status === "failed") process.exit(status === "done" ? 0 : 1);
});
await manager.start();
const { status, doneBytes } = await manager.add({ repoId: "org/m-GGUF", filename, projector: true });
console.log(`${status} ${doneBytes}`);
