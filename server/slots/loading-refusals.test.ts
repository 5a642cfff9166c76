import { copyFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { GatewayError } from "../../lib/errors.ts";
import { tinyModels } from "../../tests/fixtures/index.ts";
import { embed, openRig, refusal, text } from "./test-support/open-rig.ts";

describe("loading", () => {
  it("refuses what cannot be run, and leaves the slot as it was", async () => {
    const { slots, ports, config } = await openRig();
    const neverBegun = vi.fn();
    for (const [request, status] of [
      [{ model_path: "../../etc/passwd" }, 400],
      [{ model_path: "missing.gguf" }, 400],
      [{ model_path: "tiny-mmproj-vision.gguf" }, 422],
      [{ ...text, mmproj_path: "tiny-embed.gguf" }, 400],
      [{ ...text, mmproj_path: "../x.gguf" }, 400],
    ] as const)
      expect(
        (await refusal(slots.load(ports[0], request, { onBegun: neverBegun }))).status,
        JSON.stringify(request),
      ).toBe(status);
    expect((await refusal(slots.load(1, text))).status).toBe(404);
    expect(neverBegun).not.toHaveBeenCalled();
    expect((await slots.snapshot())[0]).toMatchObject({ status: "empty", error: null });
    expect(config.current.slots[ports[0]]).toBeNull();
  });

  it("refuses a slot that is busy", async () => {
    const rig = await openRig();
    const { slots, ports } = rig;
    const first = slots.load(ports[0], text);
    await rig.until(ports[0], "starting");
    const { status, message } = await refusal(slots.load(ports[0], embed));
    expect([status, message]).toEqual([409, `Slot ${ports[0]} is starting with tiny-text. Unload it first.`]);
    await first;
    expect((await refusal(slots.load(ports[0], text))).status).toBe(409);
  });

  it("names no model where none is known yet", async () => {
    const { slots, ports, config } = await openRig();
    const wished = config.setSlot(ports[0], text);
    // Nothing of its file has been read by now.
    const { message } = await refusal(slots.load(ports[0], text));
    expect(message).toBe(`Slot ${ports[0]} is starting. Unload it first.`);
    await wished;
  });

  it("says what is wrong with a file that is cut short, and takes another one then", async () => {
    const { slots, ports, dataDir } = await openRig();
    const broken = path.join(dataDir, "models", "broken.gguf");
    await copyFile((await tinyModels()).text, broken);
    // The header stays whole.
    const { size } = await stat(broken);
    await truncate(broken, size - 64);
    const error = await refusal(slots.load(ports[0], { model_path: "broken.gguf" }));
    expect(error.status).toBe(422);
    expect(error.message).toMatch(/cut short: \d+ of \d+ bytes are there/);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "empty", error: null });
    expect(await slots.load(ports[0], text)).toMatchObject({ status: "ready", error: null });
  });

  it("gives a slot back whose wish cannot be written, but not one that was given something else meanwhile", async () => {
    const rig = await openRig();
    const { slots, ports, config } = rig;
    const full = new GatewayError("storage_unavailable", "The disk is full.");
    const setSlot = vi.spyOn(config, "setSlot").mockRejectedValueOnce(full);
    expect((await refusal(slots.load(ports[0], text))).code).toBe("storage_unavailable");
    await rig.until(ports[0], "empty");

    setSlot.mockImplementationOnce(async (port) => {
      await config.patch({ slots: { [port]: embed } });
      throw full;
    });
    expect((await refusal(slots.load(ports[0], text))).code).toBe("storage_unavailable");
    expect(await rig.until(ports[0], "ready")).toMatchObject({ modelName: "tiny-embed" });
  });

  it("gives up after load_timeout_s", async () => {
    const rig = await openRig({ config: { load_timeout_s: 1 } });
    const { slots, ports, environment } = rig;
    // A server that listens and never gets ready.
    const sleeper = path.join(rig.dataDir, "sleeper");
    await writeFile(
      sleeper,
      '#!/bin/sh\n[ "$1" = --help ] && exec "$REAL" --help\nexec sleep 60\n'.replace(
        "$REAL",
        environment.llamaServer ?? "",
      ),
      { mode: 0o755 },
    );
    environment.llamaServer = sleeper;
    const onBegun = vi.fn();
    const error = await refusal(slots.load(ports[0], text, { onBegun }));
    expect(onBegun.mock.calls).toEqual([[ports[0]]]);
    expect(error.message).toMatch(/not ready within 1 s/);
    expect((await slots.snapshot())[0]).toMatchObject({ status: "failed", pid: null });
  });

  it("says what to do when there is no llama-server", async () => {
    const rig = await openRig();
    const { slots, ports, environment } = rig;
    environment.llamaServer = path.join(rig.dataDir, "nothing");
    expect((await refusal(slots.load(ports[0], text))).message).toContain("npm run doctor");
  });
});
