/** Reads the profiles that `node --cpu-prof` writes, one for each thread: whose own time each sample is. */
import { readdir, readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
    }),
  ),
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** A place in the code and the time that was spent in it alone. */
export interface OwnTime {
  functionName: string;
  /** Of the source where there is a map; empty for what V8 brings. */
  url: string;
  line: number;
  us: number;
}

/** Microseconds of the monotonic clock: V8's profiler and `process.hrtime` read the same one. */
export interface Window {
  fromUs: number;
  toUs: number;
}

export interface ThreadProfile {
  isMain: boolean;
  ownTimes: OwnTime[];
}

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The threads' profiles in a folder, cut to a window of time; idle time is left out. */
export async function readProfiles(folder: string, window: Window): Promise<ThreadProfile[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".cpuprofile"));
  const maps = new Map<string, SourceMap | null>();
  return Promise.all(
    files.map(async (name) => ({
      // CPU.{date}.{time}.{pid}.{thread}.{number}.cpuprofile
      isMain: name.split(".")[4] === "0",
      ownTimes: await readProfile(path.join(folder, name), window, maps),
    })),
  );
}

async function readProfile(
  file: string,
  window: Window,
  maps: Map<string, SourceMap | null>,
): Promise<OwnTime[]> {
  const profile = cpuProfile.parse(JSON.parse(await readFile(file, "utf8")));
  const byNode = sumSamples(profile, window);
  const times: OwnTime[] = [];
  for (const { id, callFrame } of profile.nodes) {
    const us = byNode.get(id);
    if (us === undefined || callFrame.functionName === "(idle)") continue;
    times.push({ ...(await locate(callFrame, maps)), us });
  }
  return times;
}

/** Each sample stands for the time since the one before it. */
function sumSamples(profile: z.infer<typeof cpuProfile>, { fromUs, toUs }: Window): Map<number, number> {
  const sums = new Map<number, number>();
  let atUs = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const deltaUs = profile.timeDeltas[index] ?? 0;
    atUs += deltaUs;
    if (atUs >= fromUs && atUs <= toUs) sums.set(id, (sums.get(id) ?? 0) + deltaUs);
  }
  return sums;
}

type CallFrame = z.infer<typeof cpuProfile>["nodes"][number]["callFrame"];

async function locate(frame: CallFrame, maps: Map<string, SourceMap | null>): Promise<Omit<OwnTime, "us">> {
  const { functionName, url, lineNumber, columnNumber } = frame;
  const plain = { functionName, url, line: lineNumber + 1 };
  if (!url.startsWith("file:")) return plain;
  const entry = (await sourceMap(url, maps))?.findEntry(lineNumber, columnNumber);
  if (!entry || !("originalSource" in entry)) return plain;
  const source = path.resolve(path.dirname(fileURLToPath(url)), entry.originalSource);
  return { functionName, url: source, line: entry.originalLine + 1 };
}

async function sourceMap(url: string, maps: Map<string, SourceMap | null>): Promise<SourceMap | null> {
  const known = maps.get(url);
  if (known !== undefined) return known;
  const text = await readFile(`${fileURLToPath(url)}.map`, "utf8").catch(() => null);
  const map = text === null ? null : new SourceMap(JSON.parse(text));
  maps.set(url, map);
  return map;
}
