/** Reads numbers and strings one behind the other from a file, a megabyte at a time. */
import { type FileHandle, open } from "node:fs/promises";

const chunkBytes = 1 << 20;

/** The file ends where more was promised. */
export class CutShort extends Error {}

/**
 * A place in a file that moves on with what is read. Ask `has` for the bytes first; the reading itself does not wait,
 * as a vocabulary has hundreds of thousands of strings.
 */
export class FileReader {
  #chunk: Buffer = Buffer.alloc(0);
  /** Where the chunk begins in the file. */
  #start = 0;
  /** The next byte, within the chunk. */
  #at = 0;

  private constructor(
    readonly handle: FileHandle,
    readonly sizeBytes: number,
  ) {}

  /** Opens the file for as long as `use` takes. */
  static async with<Result>(file: string, use: (reader: FileReader) => Promise<Result>): Promise<Result> {
    const handle = await open(file, "r");
    try {
      return await use(new FileReader(handle, (await handle.stat()).size));
    } finally {
      await handle.close();
    }
  }

  get position(): number {
    return this.#start + this.#at;
  }

  /** True where as many bytes can be read without waiting. */
  holds(bytes: number): boolean {
    return this.#chunk.length - this.#at >= bytes;
  }

  /** Makes as many bytes readable. @throws CutShort where the file has less */
  async has(bytes: number): Promise<void> {
    if (this.holds(bytes)) return;
    const start = this.position;
    if (start + bytes > this.sizeBytes) throw new CutShort();
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(chunkBytes, bytes), this.sizeBytes - start));
    let filled = 0;
    while (filled < chunk.length) {
      const { bytesRead } = await this.handle.read(chunk, filled, chunk.length - filled, start + filled);
      if (bytesRead === 0) throw new CutShort();
      filled += bytesRead;
    }
    this.#chunk = chunk;
    this.#start = start;
    this.#at = 0;
  }

  /** Goes on behind as many bytes. @throws CutShort where the file ends before */
  skip(bytes: number): void {
    if (this.position + bytes > this.sizeBytes) throw new CutShort();
    if (this.holds(bytes)) this.#at += bytes;
    else {
      this.#start = this.position + bytes;
      this.#at = 0;
      this.#chunk = Buffer.alloc(0);
    }
  }

  /** The next bytes; they are a view that the next `has` makes stale. */
  bytes(length: number): Buffer {
    const found = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    return found;
  }

  uint32(): number {
    this.#at += 4;
    return this.#chunk.readUInt32LE(this.#at - 4);
  }

  uint64(): bigint {
    this.#at += 8;
    return this.#chunk.readBigUInt64LE(this.#at - 8);
  }
}
