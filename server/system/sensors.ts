/** Temperature and power of the processor, where the machine tells. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { SensorFigures } from "../../lib/system/types.ts";

/** Drivers of processors' own sensors, by the names they have in /sys/class/hwmon. */
const cpuDrivers = ["coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal"];
/** Of zones in /sys/class/thermal, where no driver tells. */
const cpuZone = /^(x86_pkg_temp|cpu|soc)/i;

/** Beyond this it is a sensor's way of saying that it does not know. */
const hottestCelsius = 150;

/** Reads sensors. Power is measured from one look to the next. */
export class Sensors {
  readonly #root: string;
  readonly #clock: Clock;
  #before: { energy: ReadonlyMap<string, Energy>; atMs: number } | null = null;

  /** @param root where `sys` is */
  constructor(root = "/", clock: Clock = systemClock) {
    this.#root = root;
    this.#clock = clock;
  }

  async figures(): Promise<SensorFigures> {
    if (process.platform !== "linux") return { cpuCelsius: await celsiusFromLibrary(), cpuWatts: null };
    const [cpuCelsius, cpuWatts] = await Promise.all([cpuTemperature(this.#root), this.#watts()]);
    return { cpuCelsius, cpuWatts };
  }

  async #watts(): Promise<number | null> {
    const before = this.#before;
    const energy = await packageEnergy(this.#root);
    const atMs = this.#clock.monotonicMs();
    this.#before = { energy, atMs };
    const elapsedS = before ? (atMs - before.atMs) / 1000 : 0;
    if (!before || energy.size === 0 || elapsedS <= 0) return null;
    let joules = 0;
    for (const [zone, now] of energy) joules += joulesBetween(before.energy.get(zone), now);
    return joules / elapsedS;
  }
}

interface Energy {
  joules: number;
  /** Where the count begins anew. */
  rangeJoules: number;
}

function joulesBetween(before: Energy | undefined, now: Energy): number {
  if (!before) return 0;
  const spent = now.joules - before.joules;
  return spent >= 0 ? spent : spent + now.rangeJoules;
}

/**
 * What each package has spent, by the kernel's RAPL counters (power/powercap in its documentation). Most systems let
 * root alone read them.
 */
async function packageEnergy(root: string): Promise<Map<string, Energy>> {
  const folder = path.join(root, "sys/class/powercap");
  const found = new Map<string, Energy>();
  // `intel-rapl:0` is a package; `intel-rapl:0:0` is a part of it.
  const zones = (await list(folder)).filter((name) => /^intel-rapl:\d+$/.test(name));
  for (const zone of zones) {
    const read = (file: string) => readText(path.join(folder, zone, file));
    const [name, energy, range] = await Promise.all(["name", "energy_uj", "max_energy_range_uj"].map(read));
    if (!name?.startsWith("package") || !energy) continue; // `psys` counts the packages once more.
    found.set(zone, { joules: Number(energy) / 1e6, rangeJoules: Number(range ?? 0) / 1e6 });
  }
  return found;
}

/** The hottest of the processor's sensors, or else of its zones; null where there are none, as in most virtual machines. */
async function cpuTemperature(root: string): Promise<number | null> {
  const drivers = await Promise.all(
    (await list(path.join(root, "sys/class/hwmon"))).map((name) =>
      driverCelsius(path.join(root, "sys/class/hwmon", name)),
    ),
  );
  const byDriver = drivers.flat();
  if (byDriver.length > 0) return Math.max(...byDriver);
  const zones = await Promise.all(
    (await list(path.join(root, "sys/class/thermal"))).map((name) =>
      zoneCelsius(path.join(root, "sys/class/thermal", name)),
    ),
  );
  const byZone = zones.flatMap((celsius) => celsius ?? []);
  return byZone.length > 0 ? Math.max(...byZone) : null;
}

async function driverCelsius(folder: string): Promise<number[]> {
  if (!cpuDrivers.includes((await readText(path.join(folder, "name"))) ?? "")) return [];
  const inputs = (await list(folder)).filter((name) => /^temp\d+_input$/.test(name));
  const texts = await Promise.all(inputs.map((name) => readText(path.join(folder, name))));
  return texts.flatMap((text) => celsiusOf(text) ?? []);
}

async function zoneCelsius(folder: string): Promise<number | null> {
  const type = await readText(path.join(folder, "type"));
  return type !== null && cpuZone.test(type) ? celsiusOf(await readText(path.join(folder, "temp"))) : null;
}

/** From thousandths of a degree. */
function celsiusOf(text: string | null): number | null {
  const celsius = Number(text ?? Number.NaN) / 1000;
  return celsius > 0 && celsius < hottestCelsius ? celsius : null;
}

async function celsiusFromLibrary(): Promise<number | null> {
  const { default: systemInformation } = await import("systeminformation");
  return systemInformation.cpuTemperature().then(
    ({ main }) => main || null,
    () => null,
  );
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function readText(file: string): Promise<string | null> {
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}
