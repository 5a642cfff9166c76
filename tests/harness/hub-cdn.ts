/** The server behind the local hub that has the files: ranges, ETags, and the faults that a test asks for. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServedFile } from "./hub-files.ts";

export interface CdnFaults {
  /** The connection breaks after so many bytes of an answer; each number counts once, then all goes well. */
  cutAfterBytes: number[];
  /** The same, for every answer. */
  alwaysCutAfterBytes: number | null;
  /** Answers the next requests with these, one after the other. */
  statuses: { status: number; headers?: Record<string, string> }[];
  /** Part of the ETag: another one is another file. */
  version: string;
  noRanges: boolean;
  noEtag: boolean;
  /** Sends so much and then nothing more, with the connection open. */
  stallAfterBytes: number | null;
  bytesPerS: number | null;
  /** Flips a bit of the byte at this place. */
  corruptAt: number | null;
}

const pieceBytes = 64 * 1024;

export class Cdn {
  readonly faults: CdnFaults = {
    cutAfterBytes: [],
    alwaysCutAfterBytes: null,
    statuses: [],
    version: "1",
    noRanges: false,
    noEtag: false,
    stallAfterBytes: null,
    bytesPerS: null,
    corruptAt: null,
  };
  readonly #files: ServedFile[] = [];

  /** The path that this file can be had at, signed as a CDN signs them. */
  offer(file: ServedFile): string {
    const known = this.#files.indexOf(file);
    return `/files/${known < 0 ? this.#files.push(file) - 1 : known}?signature=secret`;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", "http://cdn");
    const file = this.#files[Number(pathname.split("/")[2])];
    const refusal = this.faults.statuses.shift();
    if (refusal) return void response.writeHead(refusal.status, refusal.headers).end();
    if (!file) return void response.writeHead(404).end();
    const etag = `"${file.sha256.slice(0, 16)}-${this.faults.version}"`;
    const start = this.faults.noRanges ? null : rangeStart(request, etag);
    if (!this.faults.noEtag) response.setHeader("etag", etag);
    if (!this.faults.noRanges) response.setHeader("accept-ranges", "bytes");
    if (start !== null && start >= file.sizeBytes) {
      response.writeHead(416, { "content-range": `bytes */${file.sizeBytes}` }).end();
      return;
    }
    response.writeHead(start === null ? 200 : 206, {
      "content-length": file.sizeBytes - (start ?? 0),
      ...(start !== null && { "content-range": `bytes ${start}-${file.sizeBytes - 1}/${file.sizeBytes}` }),
    });
    if (request.method === "HEAD") return void response.end();
    void this.#send(file, start ?? 0, response);
  }

  async #send(file: ServedFile, start: number, response: ServerResponse): Promise<void> {
    const { bytesPerS, stallAfterBytes, alwaysCutAfterBytes } = this.faults;
    const cut =
      start + (this.faults.cutAfterBytes.shift() ?? alwaysCutAfterBytes ?? Number.POSITIVE_INFINITY);
    const stop = Math.min(file.sizeBytes, cut, stallAfterBytes ?? Number.POSITIVE_INFINITY);
    for (let at = start; at < stop && !response.destroyed; ) {
      const end = Math.min(at + pieceBytes, stop);
      if (!response.write(this.#read(file, at, end))) await drained(response);
      if (bytesPerS !== null) await sleep(((end - at) / bytesPerS) * 1000);
      at = end;
    }
    if (stop === file.sizeBytes) response.end();
    // What is under way arrives first.
    else if (stop === cut) setImmediate(() => response.socket?.destroySoon());
  }

  #read(file: ServedFile, start: number, end: number): Buffer {
    const bytes = file.read(start, end);
    const { corruptAt } = this.faults;
    if (corruptAt === null || corruptAt < start || corruptAt >= end) return bytes;
    const changed = Buffer.from(bytes);
    changed[corruptAt - start] = (changed[corruptAt - start] ?? 0) ^ 1;
    return changed;
  }
}

/** Where the answer starts; null for the whole file. A range of another version is no range. */
function rangeStart({ headers }: IncomingMessage, etag: string): number | null {
  const range = /^bytes=(\d+)-$/.exec(headers.range ?? "");
  const condition = headers["if-range"];
  return range && (condition === undefined || condition === etag) ? Number(range[1]) : null;
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
