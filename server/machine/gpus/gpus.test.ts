import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { bytesPerGigabyte, bytesPerMegabyte } from "../../../lib/bytes.ts";
import { readAmd } from "./amd.ts";
import { describeApple } from "./apple.ts";
import { parseNvidia } from "./nvidia.ts";

/** Written after the tools' documents: no such card was at hand. */
const nvidia = `0, 24576, 23890, 3, 41, 28.51, NVIDIA GeForce RTX 3090
1, 8192, 8000, [N/A], 35, [Not Supported], NVIDIA T1000 8GB
2, [N/A], [N/A], 0, 40, 5.00, NVIDIA GB10
`;

it("reads NVIDIA's table, without those that share the machine's memory", () => {
  expect(parseNvidia(nvidia)).toEqual([
    {
      vendor: "nvidia",
      index: 0,
      name: "NVIDIA GeForce RTX 3090",
      totalBytes: 24_576 * bytesPerMegabyte,
      freeBytes: 23_890 * bytesPerMegabyte,
      unified: false,
      busyPercent: 3,
      temperatureC: 41,
      powerW: 28.51,
    },
    expect.objectContaining({ index: 1, busyPercent: null, powerW: null, temperatureC: 35 }),
  ]);
  expect(parseNvidia("No devices were found\n")).toEqual([]);
});

it("reads AMD's cards from the kernel's files", async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), "drm-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const card = async (name: string, files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) {
      const full = path.join(root, name, "device", file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, text);
    }
  };
  // The processor's own graphics, which has no such files.
  await card("card0", { vendor: "0x8086\n" });
  await card("card10", { mem_info_vram_total: "1000\n", mem_info_vram_used: "400\n" });
  await card("card1", {
    mem_info_vram_total: "17163091968\n",
    mem_info_vram_used: "28114944\n",
    gpu_busy_percent: "7\n",
    product_name: "AMD Radeon RX 6800\n",
    "hwmon/hwmon4/temp1_input": "45000\n",
    "hwmon/hwmon4/power1_average": "31000000\n",
  });
  await mkdir(path.join(root, "card1-DP-1"));
  expect(await readAmd(root)).toEqual([
    {
      vendor: "amd",
      index: 0,
      name: "AMD Radeon RX 6800",
      totalBytes: 17_163_091_968,
      freeBytes: 17_134_977_024,
      unified: false,
      busyPercent: 7,
      temperatureC: 45,
      powerW: 31,
    },
    expect.objectContaining({ index: 1, name: "AMD GPU", freeBytes: 600, temperatureC: null }),
  ]);
  await expect(readAmd(path.join(root, "none"))).rejects.toThrow();
});

it("counts what Metal may use of Apple's memory, and no more than is there", () => {
  const of = (gigabytes: number, availableGigabytes: number, limit = "0") =>
    describeApple("Apple M2", limit, {
      totalBytes: gigabytes * bytesPerGigabyte,
      availableBytes: availableGigabytes * bytesPerGigabyte,
    });
  expect(of(18, 3)).toMatchObject({ totalBytes: 12 * bytesPerGigabyte, freeBytes: 3 * bytesPerGigabyte });
  expect(of(64, 60)).toMatchObject({ totalBytes: 48 * bytesPerGigabyte, freeBytes: 48 * bytesPerGigabyte });
  expect(of(64, 60, "57344").totalBytes).toBe(56 * bytesPerGigabyte);
  expect(of(18, 3).unified).toBe(true);
});
