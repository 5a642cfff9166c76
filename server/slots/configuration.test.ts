import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { ask, openRig, text } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

describe("the configuration", () => {
  it("is restored at the start, and knows its models at once", async () => {
    const rig = await openRig({
      wishes: ([first = 0, second = 0]) => ({ [first]: text, [second]: { model_path: "tiny-embed.gguf" } }),
    });
    const { slots, ports } = rig;
    expect(slots.models().slice(0, 2)).toMatchObject([
      { id: "tiny-text", status: "starting" },
      { id: "tiny-embed", status: "starting" },
    ]);
    expect(await ask(rig)).toContain("hello");
    await rig.until(ports[1], "ready");
    await rig.restart();
    await Promise.all([rig.until(ports[0], "ready"), rig.until(ports[1], "ready")]);
  });

  it("is followed when it is edited by hand", async () => {
    const rig = await openRig();
    const { ports, config } = rig;
    const wish = (request: object | null) =>
      config.patch({ slots: { ...config.current.slots, [ports[0]]: request } });
    await wish(text);
    const first = await rig.until(ports[0], "ready");
    await config.patch({ log_level: "debug" });
    expect((await rig.until(ports[0], "ready")).pid).toBe(first.pid);
    await wish({ ...text, ctx_size: 1024 });
    const second = await eventually("another engine", async () => {
      const snapshot = await rig.until(ports[0], "ready");
      return snapshot.pid === first.pid ? undefined : snapshot;
    });
    expect(second.ctxSize).toBe(1024);
    await wish(null);
    await rig.until(ports[0], "empty");
  });

  it("lists models that lie in further folders", async () => {
    const { slots, config, dataDir } = await openRig();
    const further = path.join(dataDir, "further");
    await mkdir(further);
    await copyFile((await tinyModels()).text, path.join(further, "more.gguf"));
    await config.patch({ model_folders: [further] });
    expect((await slots.localModels()).map(({ id }) => id)).toContain("more");
    expect(slots.models().map(({ id, status }) => [id, status])).toContainEqual(["more", "loadable"]);
    expect(slots.models()).toBe(slots.models());
  });
});
