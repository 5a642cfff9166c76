import { EventEmitter, once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { starterFile } from "../../scripts/prepare/starter.mjs";
import { isGatewayError } from "../errors.ts";
import type { FileConfigStore } from "./file-config-store.ts";
import type { JsonObject } from "./merge-patch.ts";
import { openConfigStore } from "./store.ts";

const environment = { adminKey: undefined, slotBasePort: 4801, starter: true };
let folder: string;
let file: string;
let opened: FileConfigStore[] = [];
/** What the store logged, and an event for each line. */
let lines: string[];
let logged: EventEmitter;

beforeEach(async () => {
  folder = await mkdtemp(path.join(await realpath(os.tmpdir()), "config-store-"));
  file = path.join(folder, "config.json");
  lines = [];
  logged = new EventEmitter();
});

afterEach(async () => {
  for (const store of opened) store.close();
  opened = [];
  await rm(folder, { recursive: true });
});

async function open(overrides: Partial<{ adminKey: string; slotBasePort: number; starter: boolean }> = {}) {
  const write = (...parts: unknown[]) => {
    lines.push(parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" "));
    logged.emit("line");
  };
  const log = { info: write, warn: write, error: write };
  const store = await openConfigStore({ file, environment: { ...environment, ...overrides }, log });
  opened.push(store);
  return store;
}

const onDisk = async (): Promise<JsonObject> => JSON.parse(await readFile(file, "utf8"));

/** Writes what is on disk, changed, as a simple editor does. */
async function edit(change: JsonObject): Promise<void> {
  await writeFile(file, JSON.stringify({ ...(await onDisk()), ...change }));
}

function changeOf(store: FileConfigStore): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.onChange(() => {
      stop();
      resolve();
    });
  });
}

async function refusal(promise: Promise<unknown>) {
  try {
    await promise;
  } catch (error) {
    if (isGatewayError(error))
      return { status: error.status, param: error.options.param, message: error.message };
    throw error;
  }
  throw new Error("It was not refused.");
}

describe("the first start", () => {
  it("creates a file that only its owner can read", async () => {
    const store = await open();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["config.json"]);
    const document = await onDisk();
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
    const first = await open();
    const second = await open({ slotBasePort: 5000 });
    expect(second.isNew).toBe(false);
    expect(second.current).toEqual(first.current);
  });

  it("goes without the starter, on other ports", async () => {
    const store = await open({ starter: false, slotBasePort: 6001 });
    expect(store.slotPorts).toEqual([6001, 6002, 6003, 6004, 6005, 6006, 6007]);
    expect(Object.values(store.current.slots)).toEqual(Array(7).fill(null));
  });

  it("completes a file written by hand, and closes it to others", async () => {
    await writeFile(file, '{"slots": {"4900": {"model_path": "m.gguf"}}, "site": {"name": "Mine"}}', {
      mode: 0o644,
    });
    await chmod(file, 0o644);
    const store = await open();
    expect(store.isNew).toBe(true);
    expect(store.slotPorts).toEqual([4900, 4901, 4902, 4903, 4904, 4905, 4906]);
    expect(await onDisk()).toMatchObject({ admin_key: store.current.admin_key, site: { name: "Mine" } });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("follows a link", async () => {
    const target = path.join(folder, "elsewhere.json");
    await writeFile(target, "{}");
    await symlink(target, file);
    const store = await open();
    await store.patch({ retention_days: 5 });
    expect(JSON.parse(await readFile(target, "utf8"))).toMatchObject({ retention_days: 5 });
  });
});

describe("GATEWAY_ADMIN_KEY", () => {
  const adminKey = "sk-from-the-environment";

  it("wins and is never written", async () => {
    const store = await open({ adminKey });
    expect(store.current.admin_key).toBe(adminKey);
    await store.patch({ log_level: "warn" });
    expect(await onDisk()).not.toHaveProperty("admin_key");
    expect(await readFile(file, "utf8")).not.toContain(adminKey);
    expect(await refusal(store.patch({ admin_key: "sk-another-administrator" }))).toMatchObject({
      status: 400,
      param: "admin_key",
    });
    await store.patch(store.masked());
    expect(await onDisk()).not.toHaveProperty("admin_key");
  });

  it("leaves the key of the file alone", async () => {
    const { admin_key } = (await open()).current;
    const store = await open({ adminKey });
    expect(store.current.admin_key).toBe(adminKey);
    await store.patch({ log_level: "warn" });
    expect(await onDisk()).toMatchObject({ admin_key });
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
    await writeFile(file, text);
    const error = await open().catch((reason: Error) => reason);
    expect(error).toHaveProperty("message", expect.stringContaining(`\`${wrongPath}\``));
    expect(error).toHaveProperty("message", expect.stringContaining(file));
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("is not quoted when it is no JSON, as it holds secrets", async () => {
    await writeFile(file, '{\n  "admin_key": sk-do-not-show-this-to-anybody\n}');
    const error = await open().catch((reason: Error) => reason);
    expect(error).toHaveProperty("message", expect.stringContaining("not valid JSON"));
    expect(String(error)).not.toContain("sk-do");
  });
});

describe("an edit by hand", () => {
  it("takes effect when the file is written", async () => {
    const store = await open();
    const changed = changeOf(store);
    await edit({ retention_days: 7 });
    await changed;
    expect(store.current.retention_days).toBe(7);
  });

  it("takes effect when an editor replaces the file, time and again", async () => {
    const store = await open();
    for (const retention_days of [8, 9]) {
      const changed = changeOf(store);
      await writeFile(`${file}.new`, JSON.stringify({ ...(await onDisk()), retention_days }));
      await rename(`${file}.new`, file);
      await changed;
      expect(store.current.retention_days).toBe(retention_days);
    }
  });

  it("keeps the last good one in force while a value is wrong", async () => {
    const store = await open();
    const before = store.current;
    await edit({ pricing: { input_per_1k: -1 } });
    await once(logged, "line");
    expect(lines.at(-1)).toContain("`pricing.input_per_1k`");
    expect(store.current).toBe(before);
    const text = await readFile(file, "utf8");
    expect(await refusal(store.patch({ retention_days: 1 }))).toMatchObject({
      status: 409,
      message: expect.stringContaining("`pricing.input_per_1k`"),
    });
    expect(await readFile(file, "utf8")).toBe(text);
    const changed = changeOf(store);
    await edit({ pricing: { input_per_1k: 1 } });
    await changed;
    expect(store.current.pricing.input_per_1k).toBe(1);
  });

  it("makes a new admin key where it was taken out", async () => {
    const store = await open();
    const { admin_key, ...rest } = await onDisk();
    const changed = changeOf(store);
    await writeFile(file, JSON.stringify(rest));
    await changed;
    expect(store.current.admin_key).toMatch(/^sk-[0-9a-f]{48}$/);
    expect(store.current.admin_key).not.toBe(admin_key);
    expect(await onDisk()).toMatchObject({ admin_key: store.current.admin_key });
  });

  it("cannot add ports, and a port taken out is an empty slot", async () => {
    const store = await open();
    await edit({ slots: { 5999: null } });
    await once(logged, "line");
    expect(lines.at(-1)).toContain("`slots.5999`");
    const changed = changeOf(store);
    await edit({ slots: { 4807: { model_path: "m.gguf" } } });
    await changed;
    expect(store.current.slots["4801"]).toBeNull();
    expect(store.current.slots["4807"]).toEqual({ model_path: "m.gguf" });
  });

  it("is not lost when the gateway writes before it noticed", async () => {
    const store = await open();
    await edit({ retention_days: 3 });
    await store.patch({ log_level: "debug" });
    expect(store.current).toMatchObject({ retention_days: 3, log_level: "debug" });
    expect(await onDisk()).toMatchObject({ retention_days: 3, log_level: "debug" });
  });
});

describe("patch", () => {
  it("merges, writes and tells once", async () => {
    const store = await open();
    const told: number[] = [];
    store.onChange((next, previous) => told.push(previous.retention_days, next.retention_days));
    const config = await store.patch({ retention_days: 11, tiers: { payg: { concurrency: 2 } } });
    expect(config).toBe(store.current);
    expect(config.tiers.payg).toMatchObject({ concurrency: 2, max_output_tokens: 4096 });
    expect((await onDisk()).tiers).toEqual({ payg: { concurrency: 2 } });
    // The file's own change must not come back as news: the next news is the next edit.
    const changed = changeOf(store);
    await edit({ retention_days: 12 });
    await changed;
    expect(told).toEqual([90, 11, 11, 12]);
  });

  it("puts a key back to its default with null", async () => {
    const store = await open();
    await store.patch({ retention_days: 11 });
    expect((await store.patch({ retention_days: null })).retention_days).toBe(90);
    expect(await onDisk()).not.toHaveProperty("retention_days");
  });

  it("keeps unknown keys, at every level", async () => {
    await writeFile(
      file,
      '{"later": {"a": 1}, "site": {"colour": "red"}, "tiers": {"payg": {"shiny": true}}}',
    );
    const store = await open();
    await store.patch({ site: { name: "Mine" }, tiers: { payg: { priority: 1 } } });
    expect(await onDisk()).toMatchObject({
      later: { a: 1 },
      site: { colour: "red", name: "Mine" },
      tiers: { payg: { shiny: true, priority: 1 } },
    });
  });

  it("leaves secrets alone that come back masked", async () => {
    const store = await open();
    const remote = { base_url: "http://127.0.0.1:9/v1", api_key: "sk-of-the-other-server", model: "m" };
    await store.patch({ hf_token: "hf_secret", slots: { 4802: { remote } } });
    const before = await onDisk();
    const masked = JSON.stringify(store.masked());
    expect(masked).not.toContain("hf_secret");
    expect(masked).not.toContain(remote.api_key);
    await store.patch(JSON.parse(masked));
    expect(await onDisk()).toMatchObject(before);
    expect(store.current).toMatchObject({ hf_token: "hf_secret", slots: { 4802: { remote } } });
  });

  it("refuses a wrong value by its path and changes nothing", async () => {
    const store = await open();
    const before = await readFile(file, "utf8");
    expect(await refusal(store.patch({ tiers: { sub: { concurrency: 0.5 } } }))).toMatchObject({
      status: 400,
      param: "tiers.sub.concurrency",
    });
    expect(await refusal(store.patch([]))).toMatchObject({ status: 400 });
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("loses none of 50 at once, nor an edit by hand among them", async () => {
    const store = await open();
    const stop = store.onChange(() => {
      stop();
      // Told in one go with the change, so that the gateway is not writing at this moment.
      const document = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ ...document, retention_days: 4 }));
    });
    const names = Array.from({ length: 50 }, (_, index) => `name-${index}`);
    await Promise.all(names.map((name) => store.patch({ aliases: { [name]: "auto" } })));
    const document = await onDisk();
    expect(document.retention_days).toBe(4);
    expect(Object.keys(document.aliases as JsonObject)).toEqual(expect.arrayContaining(names));
    expect(store.current).toMatchObject({ retention_days: 4, aliases: document.aliases });
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  it("survives any JSON: it is taken or refused, and the file stays good", async () => {
    const store = await open();
    const keys = fc.constantFrom(
      "slots",
      "aliases",
      "models",
      "tiers",
      "site",
      "admin_key",
      "4801",
      "payg",
      "__proto__",
    );
    const anyPatch = fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue())));
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyPatch, fc.jsonValue()), async (patch) => {
        const taken = await store.patch(patch).then(
          () => 200,
          (error: unknown) => (isGatewayError(error) ? error.status : 500),
        );
        expect([200, 400]).toContain(taken);
      }),
      { numRuns: 60 },
    );
    expect(Object.keys((await open()).current.slots)).toHaveLength(7);
  });
});

describe("setSlot", () => {
  it("replaces the whole wish", async () => {
    const store = await open();
    await store.setSlot(4801, { remote: { base_url: "http://127.0.0.1:9/v1", model: "m" } });
    expect(store.current.slots["4801"]).toEqual({
      remote: { base_url: "http://127.0.0.1:9/v1", model: "m" },
    });
    await store.setSlot(4801, null);
    expect((await onDisk()).slots).toMatchObject({ 4801: null });
  });
});

describe("what is in force", () => {
  it("cannot be changed by accident", async () => {
    const { current } = await open();
    expect(() => Object.assign(current.tiers.payg, { concurrency: 99 })).toThrow(TypeError);
  });

  it("outlives a full disk, and so does the file", async () => {
    await open();
    const before = await readFile(file, "utf8");
    const script = path.join(import.meta.dirname, "fixtures/patch-on-full-disk.ts");
    // The system refuses to let any file grow beyond 512 bytes, as it would on a full disk.
    const limited = `ulimit -f 1 && exec "$0" --import tsx "$@"`;
    const { stdout } = await execa("sh", ["-c", limited, process.execPath, script, file]);
    expect(JSON.parse(stdout)).toEqual({ code: "storage_unavailable", status: 503, retentionDays: 90 });
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });
});
