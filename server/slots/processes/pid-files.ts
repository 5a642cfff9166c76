/** Notes on disk of the engines that run, for the case that gateway and reaper both die. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { isRunning, processStart } from "../../../lib/process-identity.mjs";
import { signalTree } from "./end-tree.ts";

const processSchema = z.object({ pid: z.number().int().positive(), start: z.string() });
const noteSchema = z.object({ engine: processSchema, gateway: processSchema });
type Note = z.infer<typeof noteSchema>;

const endMs = 3_000;
const pollMs = 20;

/** Writes and clears the notes of one gateway; `folder` is absolute. */
export class PidFiles {
  readonly #gateway = { pid: process.pid, start: processStart(process.pid) };

  constructor(
    readonly folder: string,
    readonly log: Logger,
  ) {}

  /** Notes an engine before it runs. On Windows, where start times are not known, the reaper is all there is. */
  async write(port: number, pid: number): Promise<void> {
    const note = { engine: { pid, start: processStart(pid) }, gateway: this.#gateway };
    if (note.engine.start === null) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#file(port), JSON.stringify(note), { mode: 0o600 });
  }

  async remove(port: number): Promise<void> {
    await rm(this.#file(port), { force: true });
  }

  /** Ends the engines that an earlier gateway left behind; resolves when they are gone. Call it before any start. */
  async endLeftovers(): Promise<void> {
    const files = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith(".pid"));
    await Promise.all(files.map((name) => this.#endLeftover(path.join(this.folder, name))));
  }

  async #endLeftover(file: string): Promise<void> {
    const note = await readNote(file);
    if (note && note.gateway.pid !== process.pid && isRunning(note.gateway)) {
      this.log.warn({ gatewayPid: note.gateway.pid }, "Another gateway uses this data folder.");
      return;
    }
    if (note && isRunning(note.engine)) {
      this.log.warn({ pid: note.engine.pid }, "Ending an engine that an earlier gateway left behind.");
      signalTree(note.engine.pid, "SIGKILL");
      const deadlineMs = performance.now() + endMs;
      while (isRunning(note.engine) && performance.now() < deadlineMs) await sleep(pollMs);
    }
    await rm(file, { force: true });
  }

  #file(port: number): string {
    return path.join(this.folder, `slot-${port}.pid`);
  }
}

/** A note that was cut short by a crash notes nothing. */
async function readNote(file: string): Promise<Note | null> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return null;
  }
}
