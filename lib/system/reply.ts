/** The system's figures as admins see them. */
import { slotReply } from "../admin/slots.ts";
import { bytesPerGigabyte, bytesPerMegabyte } from "../bytes.ts";
import type { Gpu } from "../machine/types.ts";
import type { SystemReply } from "./schemas.ts";
import type { DiskFigures, ProcessFigures, SystemFigures } from "./types.ts";

export function systemReply({ cpu, machine, disks, sensors, ...rest }: SystemFigures): SystemReply {
  const { totalBytes, availableBytes } = machine;
  const usedBytes = totalBytes - availableBytes;
  return {
    cpu: {
      percent_per_core: cpu.percentPerCore.map((value) => round(value, 1)),
      total_percent: round(cpu.totalPercent, 1),
      cores: cpu.percentPerCore.length,
      model: cpu.model,
      load: cpu.load?.map((value) => round(value, 2)) ?? null,
      quota_cores: cpu.quotaCores,
    },
    memory: {
      total_gb: gigabytes(totalBytes),
      available_gb: gigabytes(availableBytes),
      used_gb: gigabytes(usedBytes),
      percent: percent(usedBytes, totalBytes),
    },
    gpus: machine.gpus.map(gpuReply),
    disk: disksReply(disks),
    temperature: { cpu_c: roundOrNull(sensors.cpuCelsius, 1) },
    power: { cpu_w: roundOrNull(sensors.cpuWatts, 1) },
    slots: rest.slots.map(slotReply),
    gateway: processReply(rest.process),
    warnings: [...rest.warnings],
  };
}

function gpuReply({ totalBytes, freeBytes, busyPercent, temperatureC, powerW, ...gpu }: Gpu) {
  return {
    ...gpu,
    total_gb: gigabytes(totalBytes),
    free_gb: gigabytes(freeBytes),
    busy_percent: busyPercent,
    temperature_c: temperatureC,
    power_w: powerW,
  };
}

function disksReply(disks: readonly DiskFigures[]): SystemReply["disk"] {
  const [data, models] = ["data", "models"].map((holds) => disks.find((disk) => disk.holds === holds));
  return data ? { ...diskReply(data), models: models ? diskReply(models) : null } : null;
}

function diskReply({ path, totalBytes, freeBytes }: DiskFigures) {
  return {
    path,
    total_gb: gigabytes(totalBytes),
    free_gb: gigabytes(freeBytes),
    percent: percent(totalBytes - freeBytes, totalBytes),
  };
}

function processReply(figures: ProcessFigures): SystemReply["gateway"] {
  return {
    version: figures.version,
    uptime_s: figures.uptimeS,
    ram_mb: round(figures.ramBytes / bytesPerMegabyte, 1),
    heap_mb: round(figures.heapBytes / bytesPerMegabyte, 1),
    cpu_percent: round(figures.cpuPercent, 1),
    event_loop_lag_p99_ms: roundOrNull(figures.lagP99Ms, 1),
    event_loop_lag_max_ms: roundOrNull(figures.lagMaxMs, 1),
  };
}

function gigabytes(bytes: number): number {
  return round(bytes / bytesPerGigabyte, 2);
}

function percent(part: number, whole: number): number {
  return whole > 0 ? round((100 * part) / whole, 1) : 0;
}

function roundOrNull(value: number | null, digits: number): number | null {
  return value === null ? null : round(value, digits);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
