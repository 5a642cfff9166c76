import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGatewayError } from "../errors.ts";
import type { JsonObject } from "./merge-patch.ts";
import { changeOf, refusal, storeFolderPerTest } from "./testing/store-folder.ts";

const at = storeFolderPerTest();

describe("an edit by hand", () => {
  it("takes effect when the file is written", async () => {
    const store = await at.open();
    const changed = changeOf(store);
    await at.edit({ retention_days: 7 });
    await changed;
    expect(store.current.retention_days).toBe(7);
  });

  it("takes effect when an editor replaces the file, time and again", async () => {
    const store = await at.open();
    for (const retention_days of [8, 9]) {
      const changed = changeOf(store);
      await writeFile(`${at.file}.new`, JSON.stringify({ ...(await at.onDisk()), retention_days }));
      await rename(`${at.file}.new`, at.file);
      await changed;
      expect(store.current.retention_days).toBe(retention_days);
    }
  });

  it("keeps the last good one in force while a value is wrong", async () => {
    const store = await at.open();
    const before = store.current;
    await at.edit({ pricing: { input_per_1k: -1 } });
    await once(at.logged, "line");
    expect(at.lines.at(-1)).toContain("`pricing.input_per_1k`");
    expect(store.current).toBe(before);
    const text = await readFile(at.file, "utf8");
    expect(await refusal(store.patch({ retention_days: 1 }))).toMatchObject({
      status: 409,
      message: expect.stringContaining("`pricing.input_per_1k`"),
    });
    expect(await readFile(at.file, "utf8")).toBe(text);
    const changed = changeOf(store);
    await at.edit({ pricing: { input_per_1k: 1 } });
    await changed;
    expect(store.current.pricing.input_per_1k).toBe(1);
  });

  it("makes a new admin key where it was taken out", async () => {
    const store = await at.open();
    const { admin_key, ...rest } = await at.onDisk();
    const changed = changeOf(store);
    await writeFile(at.file, JSON.stringify(rest));
    await changed;
    expect(store.current.admin_key).toMatch(/^sk-[0-9a-f]{48}$/);
    expect(store.current.admin_key).not.toBe(admin_key);
    expect(await at.onDisk()).toMatchObject({ admin_key: store.current.admin_key });
  });

  it("cannot add ports, and a port taken out is an empty slot", async () => {
    const store = await at.open();
    await at.edit({ slots: { 5999: null } });
    await once(at.logged, "line");
    expect(at.lines.at(-1)).toContain("`slots.5999`");
    const changed = changeOf(store);
    await at.edit({ slots: { 4807: { model_path: "m.gguf" } } });
    await changed;
    expect(store.current.slots["4801"]).toBeNull();
    expect(store.current.slots["4807"]).toEqual({ model_path: "m.gguf" });
  });

  it("is not lost when the gateway writes before it noticed", async () => {
    const store = await at.open();
    await at.edit({ retention_days: 3 });
    await store.patch({ log_level: "debug" });
    expect(store.current).toMatchObject({ retention_days: 3, log_level: "debug" });
    expect(await at.onDisk()).toMatchObject({ retention_days: 3, log_level: "debug" });
  });
});

describe("patch", () => {
  it("merges, writes and tells once", async () => {
    const store = await at.open();
    const told: number[] = [];
    store.onChange((next, previous) => told.push(previous.retention_days, next.retention_days));
    const config = await store.patch({ retention_days: 11, tiers: { payg: { concurrency: 2 } } });
    expect(config).toBe(store.current);
    expect(config.tiers.payg).toMatchObject({ concurrency: 2, max_output_tokens: 4096 });
    expect((await at.onDisk()).tiers).toEqual({ payg: { concurrency: 2 } });
    // Its own writing must not come back as news: the next news is the next edit.
    await sleep(150);
    expect(at.lines).toEqual([]);
    const changed = changeOf(store);
    await at.edit({ retention_days: 12 });
    await changed;
    expect(told).toEqual([90, 11, 11, 12]);
  });

  it("puts a key back to its default with null", async () => {
    const store = await at.open();
    await store.patch({ retention_days: 11 });
    expect((await store.patch({ retention_days: null })).retention_days).toBe(90);
    expect(await at.onDisk()).not.toHaveProperty("retention_days");
  });

  it("keeps unknown keys, at every level", async () => {
    await writeFile(
      at.file,
      '{"later": {"a": 1}, "site": {"colour": "red"}, "tiers": {"payg": {"shiny": true}}}',
    );
    const store = await at.open();
    await store.patch({ site: { name: "Mine" }, tiers: { payg: { priority: 1 } } });
    expect(await at.onDisk()).toMatchObject({
      later: { a: 1 },
      site: { colour: "red", name: "Mine" },
      tiers: { payg: { shiny: true, priority: 1 } },
    });
  });

  it("leaves secrets alone that come back masked", async () => {
    const store = await at.open();
    const remote = { base_url: "http://127.0.0.1:9/v1", api_key: "sk-of-the-other-server", model: "m" };
    await store.patch({ hf_token: "hf_secret", slots: { 4802: { remote } } });
    const before = await at.onDisk();
    const masked = JSON.stringify(store.masked());
    expect(masked).not.toContain("hf_secret");
    expect(masked).not.toContain(remote.api_key);
    await store.patch(JSON.parse(masked));
    expect(await at.onDisk()).toMatchObject(before);
    expect(store.current).toMatchObject({ hf_token: "hf_secret", slots: { 4802: { remote } } });
  });

  it("refuses a wrong value by its path and changes nothing", async () => {
    const store = await at.open();
    const before = await readFile(at.file, "utf8");
    expect(await refusal(store.patch({ tiers: { sub: { concurrency: 0.5 } } }))).toMatchObject({
      status: 400,
      param: "tiers.sub.concurrency",
    });
    expect(await refusal(store.patch([]))).toMatchObject({ status: 400 });
    expect(await readFile(at.file, "utf8")).toBe(before);
  });

  it("loses none of 50 at once, nor an edit by hand among them", async () => {
    const store = await at.open();
    const stop = store.onChange(() => {
      stop();
      // Told in one go with the change, so that the gateway is not writing at this moment.
      const document = JSON.parse(readFileSync(at.file, "utf8"));
      writeFileSync(at.file, JSON.stringify({ ...document, retention_days: 4 }));
    });
    const names = Array.from({ length: 50 }, (_, index) => `name-${index}`);
    await Promise.all(names.map((name) => store.patch({ aliases: { [name]: "auto" } })));
    const document = await at.onDisk();
    expect(document.retention_days).toBe(4);
    expect(Object.keys(document.aliases as JsonObject)).toEqual(expect.arrayContaining(names));
    expect(store.current).toMatchObject({ retention_days: 4, aliases: document.aliases });
    expect(await readdir(at.folder)).toEqual(["config.json"]);
  });

  it("survives any JSON: it is taken or refused, and the file stays good", async () => {
    const store = await at.open();
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
    expect(Object.keys((await at.open()).current.slots)).toHaveLength(7);
  });
});

describe("setSlot", () => {
  it("replaces the whole wish", async () => {
    const store = await at.open();
    await store.setSlot(4801, { remote: { base_url: "http://127.0.0.1:9/v1", model: "m" } });
    expect(store.current.slots["4801"]).toEqual({
      remote: { base_url: "http://127.0.0.1:9/v1", model: "m" },
    });
    await store.setSlot(4801, null);
    expect((await at.onDisk()).slots).toMatchObject({ 4801: null });
  });
});

describe("what is in force", () => {
  it("cannot be changed by accident", async () => {
    const { current } = await at.open();
    expect(() => Object.assign(current.tiers.payg, { concurrency: 99 })).toThrow(TypeError);
  });

  it("outlives a full disk, and so does the file", async () => {
    await at.open();
    const before = await readFile(at.file, "utf8");
    const script = path.join(import.meta.dirname, "testing/patch-on-full-disk.ts");
    // The system refuses to let any file grow beyond 512 bytes, as it would on a full disk.
    const limited = `ulimit -f 1 && exec "$0" --import tsx "$@"`;
    const { stdout } = await execa("sh", ["-c", limited, process.execPath, script, at.file]);
    expect(JSON.parse(stdout)).toEqual({ code: "storage_unavailable", status: 503, retentionDays: 90 });
    expect(await readFile(at.file, "utf8")).toBe(before);
    expect(await readdir(at.folder)).toEqual(["config.json"]);
  });
});
