import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { runCli } from "../tests/harness/cli.ts";
import { waitFor } from "../tests/harness/wait.ts";
import { Gateway } from "./gateway.ts";

const made = {
  kind: "backup",
  name: "gateway-20261126T044103123Z.tar.gz",
  path: "/there/gateway-20261126T044103123Z.tar.gz",
  size_bytes: 9,
  created_at: "2026-11-26T04:41:03.123Z",
};

/** A backup takes until the client of another action has lost its patience. */
const making: ServerResponse[] = [];
const slow: Server = createServer(({ method, url }, response) => {
  if (url === "/admin/api/backup") making.push(response);
  else if (method === "POST") response.on("close", () => making[0]?.end(JSON.stringify(made)));
  else response.end(url === `/admin/api/backups/${made.name}` ? "a backup." : "{}");
});
const usual = getGlobalDispatcher();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "llm-gateway-cli-"));
  vi.stubEnv("GATEWAY_ADMIN_KEY", `sk-${"a".repeat(48)}`);
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  // Instead of five minutes; undici looks at its clock every second.
  setGlobalDispatcher(new Agent({ headersTimeout: 100 }));
});
afterAll(async () => {
  setGlobalDispatcher(usual);
  vi.unstubAllEnvs();
  slow.close();
  await rm(folder, { recursive: true });
});

test("a backup is waited for as long as it takes; of another action is said that it goes on", async () => {
  const { port } = slow.address() as AddressInfo;
  const file = path.join(folder, "backup.tar.gz");
  const backup = runCli({ port, dataDir: folder }, ["backup", file]);
  await waitFor("the backup to be asked for", () => making.length === 1);
  const gateway = await Gateway.at({ url: `http://127.0.0.1:${port}` });
  await expect(gateway.send("POST", "/", {}, z.unknown())).rejects.toThrow("still at it");
  expect(await backup).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readFile(file, "utf8")).toBe("a backup.");
});
