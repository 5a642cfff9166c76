/** The downloads of this gateway: who runs, who waits, and what is kept of them in the database. */
import { mkdir } from "node:fs/promises";
import type { Logger } from "pino";
import type { ConfigStore } from "../../lib/config/types.ts";
import type { DownloadChange, DownloadFileChange, DownloadFileRow } from "../../lib/data/downloads.ts";
import type { Database } from "../../lib/data/types.ts";
import type { DownloadPlan } from "../../lib/downloads/plan.ts";
import type { DownloadEvent, DownloadOrder, DownloadSnapshot, Downloads } from "../../lib/downloads/types.ts";
import { GatewayError } from "../../lib/errors.ts";
import { FifoLock } from "../../lib/fifo-lock.ts";
import type { Hub } from "../../lib/hub/types.ts";
import type { UploadsUnderWay } from "../../lib/models/uploads-under-way.ts";
import { publicDestinations } from "../addresses/destination.ts";
import { Announcer } from "./announcer.ts";
import { Download, Stop, withoutQuery } from "./download.ts";
import { freeBytes, lackOfSpace, type Room, reserveBytes } from "./free-space.ts";
import { isStillHere, lookAtDisk, removeLeftovers } from "./on-disk.ts";
import { findSame, planOrder, refuseClash, refuseWithoutSpace } from "./orders.ts";
import { type RunContext, runDownload } from "./run-download.ts";
import { noRoom, noSpace, Trouble } from "./trouble.ts";

/** More at once would share one line and one disk, and each would come later. */
const maxAtOnce = 2;

const stallMs = 30_000;
const connectMs = 10_000;

export interface DownloadManagerOptions {
  /** Absolute. */
  modelsDir: string;
  database: Pick<Database, "downloads">;
  config: Pick<ConfigStore, "current">;
  hub: Hub;
  uploads: Pick<UploadsUnderWay, "missingBytes">;
  log: Pick<Logger, "info" | "warn">;
  /** Instead of what the gateway does, for tests. */
  source?: Partial<RunContext["source"]>;
  waitScale?: number;
  freeBytes?: (folder: string) => Promise<number>;
}

export class DownloadManager implements Downloads {
  readonly #options: DownloadManagerOptions;
  readonly #downloads = new Map<number, Download>();
  readonly #announcer = new Announcer();
  /** Two orders of the same file are one download. */
  readonly #adding = new FifoLock();
  #isClosed = false;

  constructor(options: DownloadManagerOptions) {
    this.#options = options;
  }

  /** Goes on with what the last end of the gateway, of whatever kind, has interrupted. */
  async start(): Promise<void> {
    await mkdir(this.#options.modelsDir, { recursive: true });
    for (const row of await this.#options.database.downloads.load()) {
      const download = new Download(row);
      this.#downloads.set(row.id, download);
      if (row.status === "done" || row.status === "cancelled") continue;
      await lookAtDisk(download, this.#options.modelsDir);
      if (download.isActive) row.status = "queued";
    }
    this.#startNext();
  }

  /** Stops what runs, within moments. It stays as it is in the database, for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#all.map((download) => this.#stopRun(download)));
    this.#announcer.close();
  }

  list(): DownloadSnapshot[] {
    return this.#all.map((download) => download.snapshot()).sort((a, b) => b.id - a.id);
  }

  subscribe(listener: (event: DownloadEvent) => void): () => void {
    return this.#announcer.subscribe(listener);
  }

  async add(order: DownloadOrder): Promise<DownloadSnapshot> {
    const plan = await planOrder(order, this.#options.hub, this.#options.config.current, this.#source.rules);
    return this.#adding.run(() => this.#addPlan(plan));
  }

  async pause(id: number): Promise<DownloadSnapshot> {
    const download = this.#get(id);
    if (download.hasEnded) throw wrongState(download, "It cannot be paused any more.");
    await this.#stopRun(download);
    if (!download.hasEnded) await this.#change(download, { status: "paused", error: null });
    return download.snapshot();
  }

  async continue(id: number): Promise<DownloadSnapshot> {
    const download = this.#get(id);
    if (download.row.status !== "paused") throw wrongState(download, "Only a paused one can go on.");
    return this.#queue(download);
  }

  async retry(id: number): Promise<DownloadSnapshot> {
    const download = this.#get(id);
    if (download.row.status !== "failed") throw wrongState(download, "Only a failed one can be retried.");
    return this.#queue(download);
  }

  async remove(id: number): Promise<DownloadSnapshot> {
    const download = this.#get(id);
    await this.#stopRun(download);
    const others = this.#all.filter((other) => other !== download && !other.hasEnded);
    if (download.row.status !== "done") await removeLeftovers(download, others, this.#options.modelsDir);
    if (!download.hasEnded) {
      await this.#change(download, { status: "cancelled", error: null });
      return download.snapshot();
    }
    await this.#options.database.downloads.remove(id);
    this.#downloads.delete(id);
    this.#announcer.removed(id);
    return download.snapshot();
  }

  get #all(): Download[] {
    return [...this.#downloads.values()];
  }

  get #source(): RunContext["source"] {
    return {
      rules: { ...publicDestinations, protocols: /^https:$/ },
      connectMs,
      stallMs,
      ...this.#options.source,
    };
  }

  #get(id: number): Download {
    const download = this.#downloads.get(id);
    if (download) return download;
    throw new GatewayError("not_found", `There is no download ${id}.`);
  }

  async #addPlan(plan: DownloadPlan): Promise<DownloadSnapshot> {
    const { modelsDir, database } = this.#options;
    const same = findSame(plan, this.#all);
    // The new address may be signed for longer.
    if (same && same.row.status !== "done" && plan.url !== null) await this.#change(same, { url: plan.url });
    if (same && ["failed", "paused"].includes(same.row.status)) return this.#queue(same);
    if (same && !same.hasEnded) return same.snapshot();
    if (same && (await isStillHere(same, modelsDir))) return same.snapshot();
    refuseClash(plan, this.#all);
    await refuseWithoutSpace(plan, modelsDir, await this.#roomBeside(null));
    const row = await database.downloads.create({ ...plan, status: "queued", createdAtMs: Date.now() });
    const download = new Download(row);
    await lookAtDisk(download, modelsDir);
    this.#downloads.set(row.id, download);
    this.#announcer.changed(download, true);
    this.#startNext();
    return download.snapshot();
  }

  async #queue(download: Download): Promise<DownloadSnapshot> {
    await this.#change(download, { status: "queued", error: null, finishedAtMs: null });
    this.#startNext();
    return download.snapshot();
  }

  /** In their order; one that shares a file with one that runs waits for it, and then finds the file here. */
  #startNext(): void {
    if (this.#isClosed) return;
    for (const download of this.#all.sort((a, b) => a.id - b.id)) {
      const running = this.#all.filter(({ run }) => run !== null);
      if (running.length >= maxAtOnce) return;
      const mustWait = running.some((other) => other.sharesFileWith(download));
      if (download.row.status === "queued" && download.run === null && !mustWait) this.#start(download);
    }
  }

  #start(download: Download): void {
    const abort = new AbortController();
    download.startClock();
    const ended = this.#run(download, abort.signal).finally(() => {
      download.run = null;
      download.stopClock();
      this.#startNext();
    });
    download.run = { abort, ended };
  }

  /** Never rejects. */
  async #run(download: Download, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#change(download, { status: "running" });
      await runDownload(download, this.#runContext(download), signal);
      await this.#change(download, { status: "done", error: null });
      log.info({ download: download.id, name: download.row.name }, "A download is complete.");
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      const status = error instanceof Trouble && error.kind === "no_space" ? "paused" : "failed";
      log.warn(
        { download: download.id, name: download.row.name, reason: message },
        `A download is ${status}.`,
      );
      await this.#change(download, { status, error: message });
    }
  }

  #runContext(download: Download): RunContext {
    const { modelsDir, config, waitScale = 1 } = this.#options;
    return {
      modelsDir,
      waitScale,
      source: this.#source,
      hub: () => ({ url: config.current.hub_url, token: config.current.hf_token }),
      saveFile: (file, change) => this.#saveFile(file, change),
      changed: (change) => {
        const { status = download.row.status, error = download.row.error } = change ?? {};
        if (status === download.row.status && error === download.row.error)
          this.#announcer.changed(download, false);
        else void this.#change(download, { status, error });
      },
      checkRoom: async (missingBytes) => {
        const { name, folder } = download.row;
        const lack = lackOfSpace(name, missingBytes, await this.#roomBeside(download));
        if (lack) throw noRoom(folder, lack);
      },
      checkSpace: async () => {
        if ((await this.#freeBytes()) < reserveBytes) throw noSpace(download.row.folder);
      },
    };
  }

  async #saveFile(file: DownloadFileRow, change: DownloadFileChange): Promise<void> {
    await this.#options.database.downloads.updateFile(file.id, change);
    Object.assign(file, change);
  }

  /** In memory at once; where the database cannot take it, a restart begins with the state before, which does no harm. */
  async #change(download: Download, change: DownloadChange): Promise<void> {
    Object.assign(download.row, change);
    const all = { ...change, ...(download.hasEnded && endOf(download)) };
    Object.assign(download.row, all);
    await this.#options.database.downloads
      .update(download.id, all)
      .catch((error: unknown) =>
        this.#options.log.warn({ err: error, download: download.id }, "A download could not be noted."),
      );
    this.#announcer.changed(download, true);
  }

  async #stopRun({ run }: Download): Promise<void> {
    run?.abort.abort(new Stop("The download was stopped."));
    await run?.ended;
  }

  /** What is free, and what of it is promised to others than this one. */
  async #roomBeside(download: Download | null): Promise<Room> {
    const freeBytes = await this.#freeBytes();
    const others = this.#all.filter((other) => other.isActive && other !== download);
    const promisedBytes = others.reduce((sum, other) => sum + other.missingBytes, 0);
    return { freeBytes, promisedBytes: promisedBytes + this.#options.uploads.missingBytes };
  }

  #freeBytes(): Promise<number> {
    return (this.#options.freeBytes ?? freeBytes)(this.#options.modelsDir);
  }
}

/** A failed one may need its whole address again; of the others nothing secret is kept. */
function endOf({ row: { status, url } }: Download): DownloadChange {
  const finishedAtMs = Date.now();
  return status === "failed" || url === null ? { finishedAtMs } : { finishedAtMs, url: withoutQuery(url) };
}

function wrongState({ row }: Download, hint: string): GatewayError {
  return new GatewayError("conflict", `Download ${row.id} is ${row.status}. ${hint}`);
}
