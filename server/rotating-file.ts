/** A log file that never grows beyond two pieces: the older one has the same name with `.1`. */
import { appendFileSync } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import path from "node:path";

/** What is appended gathers for so long, or until it is so much: a write costs as much as a thousand lines in it. */
const gatheredMs = 100;
const gatheredBytes = 256_000;
/** While the disk does not keep up, what is beyond this is lost. */
const maxWaitingBytes = 1_000_000;
/** Then the file is opened anew: somebody may have removed it. */
const openMs = 10_000;

export class RotatingFile {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #piece: Piece | null = null;

  /**
   * @param file absolute
   * @param maxBytes of each of the two pieces
   */
  constructor(
    readonly file: string,
    readonly maxBytes: number,
  ) {}

  /** Returns at once. The bytes are not copied. */
  append(bytes: Buffer): void {
    if (this.#waitingBytes >= maxWaitingBytes) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= gatheredBytes) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), gatheredMs).unref();
  }

  /** Resolves when what was appended so far is in the file, or lost. The file is closed until more comes. */
  async flush(): Promise<void> {
    this.#start();
    while (this.#writing) await this.#writing;
    await this.#close();
  }

  /** What still waits when the process ends. */
  appendRest(bytes: Buffer): void {
    const rest = Buffer.concat([...this.#waiting, bytes]);
    if (rest.length === 0) return;
    try {
      appendFileSync(this.file, rest, { mode: 0o600 });
    } catch {
      // There is nobody to tell.
    }
  }

  /** What is on the disk now, oldest first. Its memory is that of one chunk, whatever its size. */
  async download(): Promise<ReadableStream<Uint8Array>> {
    await this.flush();
    const pieces = await openPieces(this.file);
    const sizes = await Promise.all(pieces.map(async (piece) => (await piece.stat()).size));
    return streamOf(pieces, sizes);
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** A full or broken disk costs the file its lines, and nothing else. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const bytes = this.#waiting;
      const length = this.#waitingBytes;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        const piece = await this.#pieceFor(length);
        await piece.handle.writev(bytes);
        piece.bytes += length;
      } catch {
        await this.#close().catch(() => undefined);
      }
    }
  }

  /** The newer piece, with room for so much. */
  async #pieceFor(addedBytes: number): Promise<Piece> {
    if (this.#piece && performance.now() - this.#piece.openedMs > openMs) await this.#close();
    const piece = this.#piece ?? (await this.#open());
    if (piece.bytes === 0 || piece.bytes + addedBytes <= this.maxBytes) return piece;
    await this.#close();
    await rename(this.file, `${this.file}.1`);
    return this.#open();
  }

  async #open(): Promise<Piece> {
    await mkdir(path.dirname(this.file), { recursive: true });
    const handle = await open(this.file, "a", 0o600);
    const { size } = await handle.stat();
    this.#piece = { handle, bytes: size, openedMs: performance.now() };
    return this.#piece;
  }

  async #close(): Promise<void> {
    const piece = this.#piece;
    this.#piece = null;
    await piece?.handle.close();
  }
}

/** The piece that is written to. */
interface Piece {
  handle: FileHandle;
  bytes: number;
  openedMs: number;
}

/** The pieces that are there, older first. They stay readable when they are renamed or replaced meanwhile. */
async function openPieces(file: string): Promise<FileHandle[]> {
  const newer = await open(file).catch(() => null);
  const older = await open(`${file}.1`).catch(() => null);
  // The newer one has become the older one between the two steps.
  if (newer && older && (await older.stat()).ino === (await newer.stat()).ino) {
    await older.close();
    return [newer];
  }
  return [older, newer].filter((piece) => piece !== null);
}

/** Each piece as far as it went when it was opened, so that one that grows fast still has an end. */
function streamOf(pieces: readonly FileHandle[], sizes: readonly number[]): ReadableStream<Uint8Array> {
  const chunks = chunksOf(pieces, sizes);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
        await close(pieces);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* chunksOf(
  pieces: readonly FileHandle[],
  sizes: readonly number[],
): AsyncGenerator<Uint8Array, void> {
  try {
    for (const [index, piece] of pieces.entries()) {
      const size = sizes[index] ?? 0;
      if (size === 0) continue;
      const options = { start: 0, end: size - 1, autoClose: false };
      for await (const chunk of piece.createReadStream(options)) yield chunk as Uint8Array;
    }
  } finally {
    await close(pieces);
  }
}

/** Closing one twice does nothing. */
async function close(pieces: readonly FileHandle[]): Promise<void> {
  await Promise.all(pieces.map((piece) => piece.close()));
}
