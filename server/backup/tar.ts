/**
 * Files in one, as `tar` reads them (POSIX.1-1988, "ustar": https://www.gnu.org/software/tar/manual/html_node/Standard.html).
 * Only what backups need: plain files with short names, one after the other. That is little enough to do without a
 * package.
 */
const blockBytes = 512;
/** The size has eleven octal digits: up to 8 GiB. */
const maxOctalSize = 8 ** 11 - 1;
/** Before a larger one, which stands there as a binary number (an extension by star and GNU that every tar reads). */
const binaryMark = 0x80;
/** Of a binary number, the last ones: 256 TiB, and exact as a JavaScript number. */
const binaryBytes = 6;

const field = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

export interface TarEntry {
  name: string;
  sizeBytes: number;
}

/** The header before a file's content. */
export function tarHeader({ name, sizeBytes }: TarEntry, modifiedMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const write = (part: keyof typeof field, text: string) => header.write(text, field[part][0], "ascii");
  const octal = (part: keyof typeof field, value: number) =>
    write(part, value.toString(8).padStart(field[part][1] - 1, "0"));
  write("name", name);
  octal("mode", 0o600);
  octal("owner", 0);
  octal("group", 0);
  if (sizeBytes <= maxOctalSize) octal("size", sizeBytes);
  else writeBinarySize(header, sizeBytes);
  octal("modified", Math.floor(modifiedMs / 1000));
  write("type", "0");
  write("magic", "ustar\u000000");
  write("checksum", `${checksum(header).toString(8).padStart(6, "0")}\u0000 `);
  return header;
}

function writeBinarySize(header: Buffer, sizeBytes: number): void {
  const [start, length] = field.size;
  header.writeUInt8(binaryMark, start);
  header.writeUIntBE(sizeBytes, start + length - binaryBytes, binaryBytes);
}

/** What fills up a file's last block. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}

/** What ends an archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

/** Sum of the header's bytes, with spaces in the place of the sum itself. */
function checksum(header: Buffer): number {
  const [start, length] = field.checksum;
  return header.reduce((sum, byte, index) => sum + (index >= start && index < start + length ? 32 : byte), 0);
}

/** A file of an archive that is being read: its content has to be read before the next one. */
export interface TarFile extends TarEntry {
  content: AsyncIterable<Buffer>;
}

/**
 * Reads an archive from its beginning to its end.
 * @throws Error in words, where it is cut off or no such archive
 */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  const reader = new BlockReader(chunks);
  for (;;) {
    const header = await reader.take(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const entry = parseHeader(header);
    let isRead = false;
    const content = (async function* () {
      yield* reader.pieces(entry.sizeBytes);
      isRead = true;
    })();
    yield { ...entry, content };
    if (!isRead) for await (const _ of content);
    await reader.take(tarPadding(entry.sizeBytes).length);
  }
}

function parseHeader(header: Buffer): TarEntry {
  const text = (part: keyof typeof field) => {
    const [start, length] = field[part];
    const bytes = header.subarray(start, start + length);
    const end = bytes.indexOf(0);
    return bytes.toString("latin1", 0, end === -1 ? length : end);
  };
  const number = (part: keyof typeof field) => Number.parseInt(text(part).trim() || "0", 8);
  if (text("magic") !== "ustar" || number("checksum") !== checksum(header))
    throw new Error("It is no tar archive.");
  if (text("type") !== "0") throw new Error("It holds something that is no plain file.");
  return { name: text("name"), sizeBytes: binarySizeOf(header) ?? number("size") };
}

/** Null where the size is no binary number. */
function binarySizeOf(header: Buffer): number | null {
  const [start, length] = field.size;
  const bytes = header.subarray(start, start + length);
  if (bytes.readUInt8(0) < binaryMark) return null;
  const leading = bytes.subarray(1, -binaryBytes);
  if (bytes.readUInt8(0) !== binaryMark || leading.some((byte) => byte !== 0))
    throw new Error("It holds a file of an impossible size.");
  return bytes.readUIntBE(length - binaryBytes, binaryBytes);
}

/** Pieces of a stream by their length. */
class BlockReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes in one piece. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.pieces(length)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** So many bytes as they come. */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done) throw new Error("It is cut off.");
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }
}
