import { describe, expect, it } from "vitest";
import { pngBase64, resized, smallImages } from "../../tests/fixtures/media.ts";
import { bytesOf, bytesOfBase64 } from "./bytes.ts";
import { imageHeader } from "./image-header.ts";

const headerOf = (bytes: Buffer) => imageHeader(bytesOf(bytes));
const kinds = ["png", "jpeg", "gif", "webp", "bmp"] as const;

/** A JPEG's segment. */
function segment(code: number, content: Buffer, length = content.length + 2): Buffer {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, content]);
}
const start = Buffer.from([0xff, 0xd8]);
const frame = (width: number, height: number) =>
  segment(0xc0, Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]));

describe("the header of an image", () => {
  it.each([
    ["image/png", pngBase64(24, 16)],
    ["image/jpeg", smallImages.jpeg],
    ["image/gif", smallImages.gif],
    ["image/gif", smallImages.animated],
    ["image/webp", smallImages.webp],
    ["image/bmp", smallImages.bmp],
  ])("tells its kind and its size: %s", (mediaType, base64) => {
    const expected = { mediaType, width: 24, height: 16 };
    expect(imageHeader(bytesOfBase64(base64))).toEqual(expected);
    expect(imageHeader(bytesOfBase64(`data:any;base64,${base64}`, "data:any;base64,".length))).toEqual(
      expected,
    );
    expect(headerOf(Buffer.from(base64, "base64"))).toEqual(expected);
  });

  it.each(kinds)("is believed where there are no pixels: %s", (kind) => {
    expect(headerOf(resized(kind, 16_000, 12_000))).toMatchObject({ width: 16_000, height: 12_000 });
  });

  it("is that of a BMP upside down as well", () => {
    expect(headerOf(resized("bmp", 24, -16))).toMatchObject({ width: 24, height: 16 });
  });

  it.each<readonly [string, Buffer]>([
    ["text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["a drawing", Buffer.from('<svg width="10" height="10"/>')],
    ["a TIFF", Buffer.from("II*\0\b\0\0\0", "latin1")],
    ["an icon", Buffer.from([0, 0, 1, 0, 1, 0, 16, 16])],
    [
      "a PNG of Apple's own",
      Buffer.concat([
        resized("png", 1, 1).subarray(0, 8),
        Buffer.from("\0\0\0\x04CgBI"),
        resized("png", 1, 1).subarray(4),
      ]),
    ],
    [
      "a BMP of an older kind",
      Buffer.concat([Buffer.from("BM"), Buffer.alloc(12), Buffer.from([12, 0, 0, 0]), Buffer.alloc(30, 1)]),
    ],
    ...kinds.map((kind) => [`half a header of ${kind}`, resized(kind, 9, 9).subarray(0, 9)] as const),
  ])("is not found in %s", (_what, bytes) => {
    expect(headerOf(bytes)).toBeNull();
  });

  it("is not read from what is no plain base64", () => {
    for (const text of [
      "%%%%",
      `${pngBase64().slice(0, 20)}\n${pngBase64().slice(20)}`,
      pngBase64().replace("g", "-"),
    ])
      expect(imageHeader(bytesOfBase64(text))).toBeNull();
  });
});

describe("the frame of a JPEG", () => {
  const comment = segment(0xfe, Buffer.concat([start, frame(1, 1)]));

  it("is found behind other segments, not within them", () => {
    expect(
      headerOf(Buffer.concat([start, comment, segment(0xe2, Buffer.alloc(65_000)), frame(300, 200)])),
    ).toMatchObject({ width: 300, height: 200 });
  });

  it("is found where a decoder finds it: past fill bytes and a gap", () => {
    const gap = Buffer.from([0, 1, 2, 0xff, 0xff]);
    expect(headerOf(Buffer.concat([start, comment, gap, frame(300, 200)]))).toMatchObject({ width: 300 });
  });

  it.each([
    ["after the pixels have begun", [segment(0xda, Buffer.alloc(8)), frame(1, 1)]],
    ["after the end", [Buffer.from([0xff, 0xd9]), frame(1, 1)]],
    ["after a segment of no length", [segment(0xe0, Buffer.alloc(0), 0), frame(1, 1)]],
    ["beyond the end", [segment(0xe0, Buffer.alloc(4), 65_535), frame(1, 1)]],
    ["after a thousand segments", [...Array(1_001).fill(segment(0xe0, Buffer.alloc(0))), frame(1, 1)]],
    ["after many zeros", [Buffer.alloc(20_000_000), frame(1, 1)]],
    ["after many ones", [Buffer.alloc(20_000_000, 0xff), frame(1, 1)]],
  ])("is not looked for %s", (_where, parts) => {
    const bytes = Buffer.concat([start, ...parts]);
    const startedMs = performance.now();
    expect(headerOf(bytes)).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});

it("headers with wrong bytes in them take no time, and end in a size or in nothing", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % below;
  };
  for (let round = 0; round < 400; round++) {
    const whole = resized(kinds[round % kinds.length] ?? "png", 100 + round, 200);
    const bytes = Buffer.concat([whole, Buffer.alloc(random(100_000), random(256))]);
    for (let change = 0; change < 1 + random(8); change++) bytes[4 + random(whole.length - 4)] = random(256);
    const startedMs = performance.now();
    const header = headerOf(bytes.subarray(0, random(2) === 0 ? bytes.length : random(whole.length)));
    expect(performance.now() - startedMs, bytes.toString("hex", 0, 64)).toBeLessThan(50);
    if (header) expect(header.width * header.height).toBeGreaterThanOrEqual(0);
  }
});
