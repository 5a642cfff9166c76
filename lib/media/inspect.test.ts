import { describe, expect, it } from "vitest";
import { pngBase64, resized, smallImages, wavBase64 } from "../../tests/fixtures/media.ts";
import { checkDataUrl, checkSound, dataUrlOf } from "./inspect.ts";

const refusal = (check: () => unknown) => {
  try {
    check();
  } catch (error) {
    const { status, message, options } = error as { status: number; message: string; options: object };
    return { status, message, ...options };
  }
  return null;
};

describe("an image in a request", () => {
  const check = (url: string, maxPixels = 384) => refusal(() => checkDataUrl(url, maxPixels, "a.url"));

  it("may have as many pixels as are allowed", () => {
    expect(check(`data:image/jpeg;base64,${smallImages.jpeg}`)).toBeNull();
    expect(check(`data:image/png;base64,${pngBase64(24, 16)}`)).toBeNull();
  });

  it("is refused where it has more", () => {
    const expected = { status: 400, param: "a.url", message: expect.stringContaining("24 x 16 pixels") };
    expect(check(`data:image/jpeg;base64,${smallImages.jpeg}`, 383)).toMatchObject(expected);
  });

  it.each([
    ["no base64", "data:image/png,abc"],
    ["no image", `data:image/png;base64,${Buffer.from("hello").toString("base64")}`],
    ["nothing", "data:image/png;base64,"],
    ["no pixels", `data:image/png;base64,${resized("png", 0, 9).toString("base64")}`],
  ])("is refused where it is %s", (_what, url) => {
    expect(check(url)).toMatchObject({ status: 400, param: "a.url" });
  });

  it("is looked at without being decoded", () => {
    const head = resized("png", 4, 4).toString("base64").slice(0, 48);
    const large = Buffer.from(`data:image/png;base64,${head}${"A".repeat(40_000_000)}`).toString("latin1");

    const startedMs = performance.now();
    expect(check(large)).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(20);
  });
});

describe("a fetched image", () => {
  it("is called what it is", () => {
    const bytes = Buffer.from(smallImages.webp, "base64");
    expect(dataUrlOf(bytes, 384, "a")).toBe(`data:image/webp;base64,${smallImages.webp}`);
    expect(refusal(() => dataUrlOf(bytes, 383, "a"))).toMatchObject({ status: 400, param: "a" });
    expect(refusal(() => dataUrlOf(Buffer.from("<html>"), 383, "a"))).toMatchObject({
      status: 400,
      param: "a",
    });
  });
});

describe("a sound in a request", () => {
  const check = (data: string, format: "wav" | "mp3" = "wav", maxMegabytes = 1) =>
    refusal(() => checkSound({ data, format }, maxMegabytes, "a.data"));
  const bytes = (text: string) => Buffer.from(text, "latin1").toString("base64");
  /** Frames of silence with this head, in so many bytes each. */
  const frames = (head: string, sizeBytes: number, count = 10) => head.padEnd(sizeBytes, "\0").repeat(count);
  const mp3 = (head: string, sizeBytes: number, count = 10) => bytes(frames(head, sizeBytes, count));
  const wav = (change: (file: Buffer) => void) => {
    const file = Buffer.from(wavBase64(), "base64");
    change(file);
    return file.toString("base64");
  };

  it.each([
    ["wav", wavBase64()],
    ["wav", wavBase64(1, 48_000)],
    [
      "wav",
      bytes(
        `RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0${Buffer.from(wavBase64(), "base64").toString("latin1", 12)}`,
      ),
    ],
    ["mp3", mp3("\xff\xfb\x90\x64", 417)],
    ["mp3", mp3("\xff\xf3\x90\x64", 261)],
    [
      "mp3",
      bytes(
        `ID3\x04\0\0\0\0\x01\x02${" ".repeat(130)}${frames("\xff\xfb\x90\x64", 417)}TAG${" ".repeat(125)}`,
      ),
    ],
  ] as const)("is taken as %s", (format, data) => {
    expect(check(data, format)).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["no base64", "%%%%"],
    ["text", bytes("hello world, hello")],
    ["another kind", bytes("ID3\x04\0\0\0\0\0\0\0\0")],
    ["cut short", wavBase64().slice(0, 40)],
    ["without a description", bytes("RIFF\0\0\0\0WAVEdata\0\0\0\0")],
    ["without samples", bytes(`RIFF\0\0\0\0WAVE${"LIST\0\0\0\0".repeat(100_000)}`)],
    ["of another codec", wav((file) => file.writeUInt16LE(2, 20))],
    ["of no channels", wav((file) => file.writeUInt16LE(0, 22))],
    ["of one bit", wav((file) => file.writeUInt16LE(1, 34))],
    ["with one sample a second", wavBase64(1, 1)],
    ["with none", wav((file) => file.writeUInt32LE(0, 24))],
    ["with four billion", wav((file) => file.writeUInt32LE(0xffff_ffff, 24))],
    [
      "described twice",
      bytes(
        `${Buffer.from(wavBase64(), "base64").toString("latin1", 0, 36)}fmt \x10\0\0\0\x01\0\x01\0\x01\0\0\0\x01\0\0\0\x01\0\x08\0data\0\0\0\0`,
      ),
    ],
  ])("is refused where it is %s", (_what, data) => {
    expect(check(data)).toMatchObject({ status: 400, param: "a.data" });
  });

  it.each([
    ["of the fewest bits", mp3("\xff\xe3\x18\xc0", 72, 25_001)],
    [
      "of them behind some of the most",
      bytes(frames("\xff\xfb\xe0\x64", 1044, 2) + frames("\xff\xe3\x18\xc0", 72, 25_001)),
    ],
    [
      "of them with gaps between",
      bytes(frames(`${frames("\xff\xe3\x18\xc0", 72, 5_000)}${" ".repeat(4_000)}`, 1, 6)),
    ],
  ])("is refused where it is longer than half an hour: frames %s", (_what, data) => {
    const startedMs = performance.now();
    expect(check(data, "mp3", 100)).toMatchObject({
      status: 400,
      message: expect.stringContaining("30 minutes"),
    });
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it("is taken where it is as long as that", () => {
    expect(check(mp3("\xff\xe3\x18\xc0", 72, 24_999), "mp3", 100)).toBeNull();
    expect(check(wavBase64(1_799, 4_000), "wav", 100)).toBeNull();
    expect(check(wavBase64(1_801, 4_000), "wav", 100)).toMatchObject({ status: 400 });
  });

  it.each([
    ["nothing but a tag", bytes("ID3\x04\0\0\0\0\0\0\0\0")],
    ["a tag as large as a sound", bytes("ID3\x04\0\0\x7f\x7f\x7f\x7f".padEnd(200_000, "\xff\xfb\x90\x64"))],
    ["zeros", bytes("\xff\xfb\x90\x64".padEnd(200_000, "\0"))],
    ["ones", bytes("\xff".repeat(200_000))],
    [
      "hidden behind other things",
      bytes(frames("\xff\xfb\x90\x64", 417) + " ".repeat(200_000) + frames("\xff\xfb\x90\x64", 417)),
    ],
    ["full of gaps", bytes(`${frames("\xff\xfb\x90\x64", 417, 1)}    `.repeat(100))],
  ])("is refused where it is an mp3 of %s", (_what, data) => {
    expect(check(data, "mp3")).toMatchObject({ status: 400, param: "a.data" });
  });

  it("is refused where it is larger than allowed, or of the other kind", () => {
    expect(check(wavBase64(40))).toMatchObject({ status: 413, param: "a.data" });
    expect(check(wavBase64(), "mp3")).toMatchObject({
      status: 400,
      message: expect.stringContaining("is wav, not mp3"),
    });
    expect(check(bytes("ID3\x04\0\0\0\0\0\0\0\0"), "wav")).toMatchObject({ status: 400 });
  });
});
