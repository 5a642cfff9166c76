/** NVIDIA's GPUs, by its own tool. Fields: `nvidia-smi --help-query-gpu`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bytesPerMegabyte } from "../../../lib/bytes.ts";
import type { Gpu } from "../../../lib/machine/types.ts";

const run = promisify(execFile);
/** The first call after a start of the driver takes seconds. */
const answerMs = 10_000;

const fields = [
  "index",
  "memory.total",
  "memory.free",
  "utilization.gpu",
  "temperature.gpu",
  "power.draw",
  // Last, since it may hold a comma.
  "name",
];

/** @throws Error where the tool is missing or finds no driver */
export async function readNvidia(): Promise<Gpu[]> {
  const query = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"];
  const { stdout } = await run("nvidia-smi", query, { timeout: answerMs });
  return parseNvidia(stdout);
}

/** @param text a line for each GPU, in the order of `fields`, memory in MiB; `[N/A]` for what one does not tell */
export function parseNvidia(text: string): Gpu[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      const [index, total, free, busy, temperature, power, ...name] = line
        .split(",")
        .map((cell) => cell.trim());
      const totalMegabytes = figure(total);
      // One that shares the machine's memory (Jetson, GB10) tells none.
      if (totalMegabytes === null) return [];
      return {
        vendor: "nvidia" as const,
        index: figure(index) ?? 0,
        name: name.join(", "),
        totalBytes: totalMegabytes * bytesPerMegabyte,
        freeBytes: (figure(free) ?? 0) * bytesPerMegabyte,
        unified: false,
        busyPercent: figure(busy),
        temperatureC: figure(temperature),
        powerW: figure(power),
      };
    });
}

function figure(cell: string | undefined): number | null {
  return cell !== undefined && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}
