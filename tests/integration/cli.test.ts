/** The command line drives a real gateway. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { cliJson, runCli } from "../harness/cli.ts";
import { modelFiles } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

test("a model is listed, loaded by a part of its name, shown and unloaded", async () => {
  const { models } = await cliJson(gateway, ["models"]);
  expect(models.map(({ path }: { path: string }) => path)).toContain(modelFiles.think);
  const loaded = await runCli(gateway, ["load", "think", "--ctx", "128", "--parallel", "2"]);
  expect(loaded).toMatchObject({ exitCode: 0, stdout: `tiny-think is ready in slot ${gateway.slot(0)}.` });
  const status = await cliJson(gateway, ["status"]);
  expect(status).toMatchObject({ url: gateway.url, status: "ok" });
  expect(status.slots[0]).toMatchObject({ model_name: "tiny-think", ctx_size: 128, parallel: 2 });
  expect((await runCli(gateway, ["slots"])).stdout).toMatch(/^SLOT +STATUS +MODEL.*\n\d+ +ready +tiny-think/);
  expect(await cliJson(gateway, ["unload", "tiny-think"])).toMatchObject({ status: "unloaded" });
});

test("what cannot be done ends with code 1 and the reason on standard error", async () => {
  const ambiguous = await runCli(gateway, ["load", "tiny"]);
  expect(ambiguous).toMatchObject({ exitCode: 1, stdout: "" });
  expect(ambiguous.stderr).toMatch(/^'tiny' fits several models: .*tiny-think/);
  expect((await runCli(gateway, ["load", "nothing-like-it"])).stderr).toContain("There is no model");
  expect((await runCli(gateway, ["unload", "9"])).stderr).toBe("No slot is or runs '9'.");
  const elsewhere = { ...gateway, port: 1, dataDir: gateway.dataDir };
  expect((await runCli(elsewhere, ["status"])).stderr).toContain("No gateway answers at http://127.0.0.1:1.");
  const wrongKey = { GATEWAY_ADMIN_KEY: `sk-${"0".repeat(48)}` };
  expect((await runCli(gateway, ["status"], wrongKey)).stderr).toContain("GATEWAY_ADMIN_KEY");
  expect(await runCli(gateway, ["load", "x", "--ctx", "many"])).toMatchObject({ exitCode: 1 });
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

test("a new admin key takes the place of the old one", async () => {
  const old = gateway.adminKey;
  const { admin_key } = await cliJson(gateway, ["key", "reset-admin"]);
  const asked = (key: string) =>
    gateway.fetch("/admin/api/slots", { headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await asked(admin_key)).status, { timeout: 5_000 }).toBe(200);
  expect((await asked(old)).status).toBe(401);
  gateway.adminKey = admin_key;
});
