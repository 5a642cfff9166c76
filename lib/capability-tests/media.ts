/** A picture and a sound to show to models, made here. */
import { crc32, deflateSync } from "node:zlib";

const colours = { red: [220, 20, 20], green: [20, 160, 20], blue: [20, 40, 220] } as const;
export type Colour = keyof typeof colours;
export const colourNames = Object.keys(colours) as readonly Colour[];

/** Large enough for any projector, and a few hundred bytes as a file. */
const sidePixels = 224;

/** A PNG of one colour, as a `data:` URL. Format: https://www.w3.org/TR/png-3/ */
export function picture(colour: Colour): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePixels, 0);
  header.writeUInt32BE(sidePixels, 4);
  header.set([8, 2], 8); // 8 bits a channel, RGB; compression, filter and interlace are 0.
  const pixels = Buffer.concat(Array.from({ length: sidePixels }, () => Buffer.from(colours[colour])));
  const row = Buffer.concat([Buffer.from([0]), pixels]);
  const rows = Buffer.concat(Array.from({ length: sidePixels }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return `data:image/png;base64,${Buffer.concat([signature, ...chunks]).toString("base64")}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, "latin1");
  framed.set(data, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, data.length + 8)), data.length + 8);
  return framed;
}

const sampleRate = 16_000;
const toneHz = 440;

/** A second of a tone: a WAV file, mono, 16 bits. */
export function tone(): Buffer {
  const samples = Int16Array.from({ length: sampleRate }, (_, index) =>
    Math.round(8_000 * Math.sin((index * toneHz * 2 * Math.PI) / sampleRate)),
  );
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
