import { chmod, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { starterFile } from "../../scripts/prepare/starter.mjs";
import { refusal, storeFolderPerTest } from "./testing/store-folder.ts";

const at = storeFolderPerTest();

describe("the first start", () => {
  it("creates a file that only its owner can read", async () => {
    const store = await at.open();
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
    expect(await readdir(at.folder)).toEqual(["config.json"]);
    const document = await at.onDisk();
    expect(document.admin_key).toMatch(/^sk-[0-9a-f]{48}$/);
    expect(document.session_secret).toMatch(/^[0-9a-f]{64}$/);
    expect(document.slots).toEqual({
      4801: { model_path: starterFile },
      4802: null,
      4803: null,
      4804: null,
      4805: null,
      4806: null,
      4807: null,
    });
    expect(document.aliases).toMatchObject({ "gpt-4o-mini": "auto", "text-embedding-3-small": "auto" });
    expect(store.isNew).toBe(true);
    expect(store.slotPorts).toEqual([4801, 4802, 4803, 4804, 4805, 4806, 4807]);
    expect(store.current).toMatchObject({ admin_key: document.admin_key, retention_days: 90 });
  });

  it("is only the first: the next one finds the same", async () => {
    const first = await at.open();
    const second = await at.open({ slotBasePort: 5000 });
    expect(second.isNew).toBe(false);
    expect(second.current).toEqual(first.current);
  });

  it("goes without the starter, on other ports", async () => {
    const store = await at.open({ starter: false, slotBasePort: 6001 });
    expect(store.slotPorts).toEqual([6001, 6002, 6003, 6004, 6005, 6006, 6007]);
    expect(Object.values(store.current.slots)).toEqual(Array(7).fill(null));
  });

  it("completes a file written by hand, and closes it to others", async () => {
    await writeFile(at.file, '{"slots": {"4900": {"model_path": "m.gguf"}}, "site": {"name": "Mine"}}', {
      mode: 0o644,
    });
    await chmod(at.file, 0o644);
    const store = await at.open();
    expect(store.isNew).toBe(true);
    expect(store.slotPorts).toEqual([4900, 4901, 4902, 4903, 4904, 4905, 4906]);
    expect(await at.onDisk()).toMatchObject({ admin_key: store.current.admin_key, site: { name: "Mine" } });
    expect((await stat(at.file)).mode & 0o777).toBe(0o600);
  });

  it("follows a link", async () => {
    const target = path.join(at.folder, "elsewhere.json");
    await writeFile(target, "{}");
    await symlink(target, at.file);
    const store = await at.open();
    await store.patch({ retention_days: 5 });
    expect(JSON.parse(await readFile(target, "utf8"))).toMatchObject({ retention_days: 5 });
  });
});

describe("GATEWAY_ADMIN_KEY", () => {
  const adminKey = "sk-from-the-environment";

  it("wins and is never written", async () => {
    const store = await at.open({ adminKey });
    expect(store.current.admin_key).toBe(adminKey);
    await store.patch({ log_level: "warn" });
    expect(await at.onDisk()).not.toHaveProperty("admin_key");
    expect(await readFile(at.file, "utf8")).not.toContain(adminKey);
    expect(await refusal(store.patch({ admin_key: "sk-another-administrator" }))).toMatchObject({
      status: 400,
      param: "admin_key",
    });
    await store.patch(store.masked());
    expect(await at.onDisk()).not.toHaveProperty("admin_key");
  });

  it("leaves the key of the file alone", async () => {
    const { admin_key } = (await at.open()).current;
    const store = await at.open({ adminKey });
    expect(store.current.admin_key).toBe(adminKey);
    await store.patch({ log_level: "warn" });
    expect(await at.onDisk()).toMatchObject({ admin_key });
  });
});

describe("a wrong file at the start", () => {
  it.each([
    ["pricing.input_per_1k", '{"pricing": {"input_per_1k": "cheap"}}'],
    [
      "slots.4801.remote.base_url",
      '{"slots": {"4801": {"remote": {"base_url": "file:///x", "model": "m"}}}}',
    ],
    ["slots.4801", '{"slots": {"4801": {}}}'],
    ["slots.door", '{"slots": {"door": null}}'],
    ["slots", '{"slots": {"1":null,"2":null,"3":null,"4":null,"5":null,"6":null,"7":null,"8":null}}'],
    ["admin_key", '{"admin_key": "secret-but-wrong"}'],
    ["trusted_proxies[1]", '{"trusted_proxies": ["10.0.0.0/8", "somewhere"]}'],
  ])("is named by its path: %s", async (wrongPath, text) => {
    await writeFile(at.file, text);
    const error = await at.open().catch((reason: Error) => reason);
    expect(error).toHaveProperty("message", expect.stringContaining(`\`${wrongPath}\``));
    expect(error).toHaveProperty("message", expect.stringContaining(at.file));
    expect(await readFile(at.file, "utf8")).toBe(text);
  });

  it("is not quoted when it is no JSON, as it holds secrets", async () => {
    await writeFile(at.file, '{\n  "admin_key": sk-do-not-show-this-to-anybody\n}');
    const error = await at.open().catch((reason: Error) => reason);
    expect(error).toHaveProperty("message", expect.stringContaining("not valid JSON"));
    expect(String(error)).not.toContain("sk-do");
  });
});
