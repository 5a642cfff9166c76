/**
 * AMD's GPUs, from files of the kernel's driver, which needs no tool to be installed. Files:
 * https://docs.kernel.org/gpu/amdgpu/driver-misc.html and https://docs.kernel.org/gpu/amdgpu/thermal.html
 */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Gpu } from "../../../lib/machine/types.ts";

/** @param root where the kernel shows graphics cards. @throws Error where it shows none */
export async function readAmd(root = "/sys/class/drm"): Promise<Gpu[]> {
  const cards = (await readdir(root)).filter((name) => /^card\d+$/.test(name)).sort(byNumber);
  const gpus = await Promise.all(cards.map((card) => readCard(path.join(root, card, "device"))));
  return gpus.filter((gpu) => gpu !== null).map((gpu, index) => ({ ...gpu, index }));
}

async function readCard(folder: string): Promise<Omit<Gpu, "index"> | null> {
  const total = await figure(folder, "mem_info_vram_total");
  const used = await figure(folder, "mem_info_vram_used");
  if (total === null || used === null) return null;
  const [sensors] = await readdir(path.join(folder, "hwmon")).catch(() => []);
  const sensor = (name: string) => figure(folder, `hwmon/${sensors ?? "hwmon0"}/${name}`);
  const [temperature, power, input, busy, name] = await Promise.all([
    sensor("temp1_input"),
    sensor("power1_average"),
    sensor("power1_input"),
    figure(folder, "gpu_busy_percent"),
    readFile(path.join(folder, "product_name"), "utf8").catch(() => ""),
  ]);
  const microwatts = power ?? input;
  return {
    vendor: "amd",
    name: name.trim() || "AMD GPU",
    totalBytes: total,
    freeBytes: Math.max(0, total - used),
    unified: false,
    busyPercent: busy,
    temperatureC: temperature === null ? null : temperature / 1000,
    powerW: microwatts === null ? null : microwatts / 1_000_000,
  };
}

async function figure(folder: string, name: string): Promise<number | null> {
  const text = await readFile(path.join(folder, name), "utf8").catch(() => "");
  return /^\d+\n?$/.test(text) ? Number(text) : null;
}

function byNumber(one: string, other: string): number {
  return Number(one.slice("card".length)) - Number(other.slice("card".length));
}
