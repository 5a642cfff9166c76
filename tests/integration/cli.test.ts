/** The command line drives a real gateway. */
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyModels } from "../fixtures/index.ts";
import { cliJson, runCli, spawnCli } from "../harness/cli.ts";
import { modelFiles, temporaryFolder } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { type LocalHub, localHub } from "../harness/hub.ts";
import { servedBytes } from "../harness/hub-files.ts";
import { waitFor } from "../harness/wait.ts";

interface DownloadList {
  data: { id: number; status: string }[];
}

let hub: LocalHub;
let gateway: Gateway;
beforeAll(async () => {
  const file = servedBytes(await readFile((await tinyModels()).text));
  hub = await localHub({
    "makers/Other-GGUF": { files: {}, downloads: 99 },
    "makers/Slow-1B-GGUF": { files: { "slow-1b-Q4_K_M.gguf": file }, tags: [] },
    "makers/Tiny-1B-GGUF": { files: { "tiny-1b-Q4_K_M.gguf": file }, downloads: 9 },
  });
  gateway = await startGateway({ config: { hub_url: hub.url } });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

test("a model is listed, loaded by a part of its name, shown and unloaded", async () => {
  const { models } = await cliJson(gateway, ["models"]);
  expect(models.map(({ path }: { path: string }) => path)).toContain(modelFiles.think);
  const loaded = await spawnCli(gateway, ["load", "think", "--ctx", "128", "--parallel", "2"]);
  expect(loaded).toMatchObject({ exitCode: 0, stdout: `tiny-think is ready in slot ${gateway.slot(0)}.` });
  const status = await cliJson(gateway, ["status"]);
  expect(status).toMatchObject({ url: gateway.url, status: "ok" });
  expect(status.slots[0]).toMatchObject({ model_name: "tiny-think", ctx_size: 128, parallel: 2 });
  expect((await runCli(gateway, ["slots"])).stdout).toMatch(/^SLOT +STATUS +MODEL.*\n\d+ +ready +tiny-think/);
  const { stdout } = await runCli(gateway, ["logs", String(gateway.slot(0)), "-n", "500"]);
  expect(stdout).toContain("listening on");
  expect((await runCli(gateway, ["logs"])).stdout).toMatch(/^\{"level":/);
  const ofEngine = await cliJson(gateway, ["logs", String(gateway.slot(0)), "-n", "1"]);
  expect(ofEngine).toEqual({ port: gateway.slot(0), line: expect.any(String) });
  expect(await cliJson(gateway, ["logs", "-n", "1"])).toMatchObject({ level: expect.any(Number) });
  expect(await cliJson(gateway, ["unload", "tiny-think"])).toMatchObject({ status: "unloaded" });
});

test("a model is found on the hub, fetched, loaded and deleted", async () => {
  const { data } = await cliJson(gateway, ["search", "gguf"]);
  expect(data.map(({ id }: { id: string }) => id)).toEqual(["makers/Other-GGUF", "makers/Tiny-1B-GGUF"]);
  const pulled = await cliJson(gateway, ["pull", "tiny-1b", "--ctx", "64"]);
  expect(pulled).toMatchObject({ download: { status: "done" }, slot: { status: "ready", ctx_size: 64 } });
  expect((await runCli(gateway, ["rm", "tiny-1b"])).stderr).toContain("of: tiny-1b-Q4_K_M.");
  const used = await runCli(gateway, ["rm", "tiny-1b-Q4_K_M"]);
  expect(used).toMatchObject({ exitCode: 1 });
  expect(used.stderr).toContain(String(pulled.slot.port));
  await cliJson(gateway, ["unload", String(pulled.slot.port)]);
  expect((await cliJson(gateway, ["rm", "tiny-1b-Q4_K_M"])).deleted).toEqual([pulled.download.files[0].path]);
  expect((await runCli(gateway, ["downloads"])).stdout).toMatch(/tiny-1b-Q4_K_M.* done /);
  const [{ id }] = (await cliJson(gateway, ["downloads"])).data;
  expect((await cliJson(gateway, ["downloads", "list"])).data).toHaveLength(1);
  expect((await runCli(gateway, ["downloads", "pause", String(id)])).stderr).toContain("cannot be paused");
  expect(await cliJson(gateway, ["downloads", "cancel", String(id)])).toMatchObject({ id, status: "done" });
  expect((await cliJson(gateway, ["downloads"])).data).toEqual([]);
  const unknown = await runCli(gateway, ["pull", "llama-900b"]);
  expect(unknown).toMatchObject({ exitCode: 1, stdout: "" });
});

test("a download is paused, continued and cancelled by its number; one that has failed goes on, too", async () => {
  hub.faults.bytesPerS = 50_000;
  const pulling = runCli(gateway, ["pull", "makers/Slow-1B-GGUF", "--no-load"]);
  const { id } = await waitFor("the download", async () => {
    const { data } = await gateway.admin<DownloadList>("GET", "models/downloads");
    return data.find(({ status }) => status === "running");
  });
  await gateway.admin("POST", `models/downloads/${id}/pause`);
  expect((await pulling).stderr).toContain(`is paused. \`downloads continue ${id}\``);
  const number = String(id);
  expect(await cliJson(gateway, ["downloads", "continue", number])).toMatchObject({ id });
  expect(await runCli(gateway, ["downloads", "pause", number])).toMatchObject({
    stdout: "slow-1b-Q4_K_M.gguf is paused.",
  });
  expect(await cliJson(gateway, ["downloads", "cancel", number])).toMatchObject({ id, status: "cancelled" });
  hub.faults.bytesPerS = null;
  hub.faults.corruptAt = 5;
  const failed = await runCli(gateway, ["pull", "makers/Slow-1B-GGUF", "--no-load"]);
  const again = /downloads continue (\d+)/.exec(failed.stderr)?.[1] ?? "";
  hub.faults.corruptAt = null;
  await cliJson(gateway, ["downloads", "continue", again]);
  const done = await waitFor("the file", async () => {
    const { data } = await cliJson(gateway, ["downloads"]);
    return data.find(({ status }: { status: string }) => status === "done");
  });
  expect(String(done.id)).toBe(again);
  expect((await runCli(gateway, ["downloads", "continue", "99"])).stderr).toContain("no download 99");
});

test("what cannot be done ends with code 1 and the reason on standard error", async () => {
  const ambiguous = await runCli(gateway, ["load", "tiny"]);
  expect(ambiguous).toMatchObject({ exitCode: 1, stdout: "" });
  expect(ambiguous.stderr).toMatch(/^'tiny' fits several models: .*tiny-think/);
  expect((await runCli(gateway, ["load", "nothing-like-it"])).stderr).toContain("There is no model");
  expect((await runCli(gateway, ["unload", "9"])).stderr).toBe("No slot is or runs '9'.");
  const elsewhere = { port: 1, dataDir: gateway.dataDir };
  expect((await runCli(elsewhere, ["status"])).stderr).toContain("No gateway answers at http://127.0.0.1:1.");
  const wrongKey = { GATEWAY_ADMIN_KEY: `sk-${"0".repeat(48)}` };
  expect((await runCli(gateway, ["status"], wrongKey)).stderr).toContain("GATEWAY_ADMIN_KEY");
  expect(await runCli(gateway, ["load", "x", "--ctx", "many"])).toMatchObject({ exitCode: 1 });
  expect((await runCli(gateway, ["logs", "9", "-f"])).stderr).toContain("cannot be followed");
  expect((await runCli(gateway, ["key", "reset-admin"], wrongKey)).stderr).toContain(
    "GATEWAY_ADMIN_KEY wins",
  );
});

test("users and keys are made, changed and ended", async () => {
  const added = await cliJson(gateway, ["user", "add", "a@example.com", "--balance", "2.5"]);
  expect(added).toMatchObject({ email: "a@example.com", tier: "payg", balance: 2.5 });
  const changed = await cliJson(gateway, ["user", "set", "A@example.com", "--tier", "sub", "--no-active"]);
  expect(changed).toMatchObject({ id: added.id, tier: "sub", active: false, balance: 2.5 });
  const made = await cliJson(gateway, ["key", "create", String(added.id), "--name", "laptop"]);
  expect(await cliJson(gateway, ["key", "revoke", String(made.id)])).toMatchObject({ deleted: true });
  const { data: keys } = await cliJson(gateway, ["key", "list", "a@example.com"]);
  expect(keys.map(({ id }: { id: number }) => id)).not.toContain(made.id);
  expect((await runCli(gateway, ["user", "list"])).stdout).toMatch(/a@example\.com +sub +2\.5 +no/);
  expect(await cliJson(gateway, ["ledger", "verify"])).toMatchObject({ users: 2, differences: [] });
});

test("a backup is written beside the running gateway, and restored where none runs", async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, "backup.tar.gz");
  const made = await cliJson(gateway, ["backup", file]);
  expect(made).toMatchObject({ path: file, size_bytes: (await readFile(file)).length });
  expect((await runCli(gateway, ["backup", file])).stderr).toBe(`${file} is there already.`);
  const inUse = await runCli(gateway, ["restore", file]);
  expect(inUse).toMatchObject({ exitCode: 1 });
  expect(inUse.stderr).toMatch(/^Nothing was changed\. The data folder .* is in use/);

  const elsewhere = { port: gateway.port, dataDir: path.join(folder, "restored") };
  expect(await cliJson(elsewhere, ["restore", file])).toMatchObject({ users: 2 });
  expect(await cliJson(elsewhere, ["ledger", "verify"])).toMatchObject({ users: 2, differences: [] });
  const damaged = path.join(folder, "damaged.tar.gz");
  await writeFile(damaged, (await readFile(file)).subarray(0, 500));
  expect((await runCli(elsewhere, ["restore", damaged])).stderr).toMatch(/^Nothing was changed/);
  await rm(folder, { recursive: true });
});

test("a new admin key takes the place of the old one", async () => {
  const old = gateway.adminKey;
  const { admin_key } = await cliJson(gateway, ["key", "reset-admin"]);
  const asked = (key: string) =>
    gateway.fetch("/admin/api/slots", { headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await asked(admin_key)).status, { timeout: 5_000 }).toBe(200);
  expect((await asked(old)).status).toBe(401);
  gateway.adminKey = admin_key;
});
