import { describe, expect, it } from "vitest";
import {
  claimingWav,
  mp3,
  pngBase64,
  resized,
  smallImages,
  taggedMp3,
  wavBase64,
} from "../../tests/fixtures/media.ts";
import { checkDataUrl, dataUrlOf, usableSound } from "./inspect.ts";

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
  const usable = (data: string, format: "wav" | "mp3" = "wav", maxMegabytes = 1) =>
    usableSound({ data, format }, maxMegabytes, "a.data");
  const check = (...sound: Parameters<typeof usable>) => refusal(() => usable(...sound));

  it("stays as it is where it says nothing false of its length", () => {
    expect(usable(wavBase64())).toBe(wavBase64());
    expect(usable(mp3(50).toString("base64"), "mp3")).toBe(mp3(50).toString("base64"));
  });

  it("loses what it says of its length", () => {
    expect(usable(claimingWav(2).toString("base64"))).toBe(wavBase64());
    const tagged = Buffer.from(usable(taggedMp3(1, 576, 575).toString("base64"), "mp3"), "base64");
    expect(tagged.includes("Xing")).toBe(false);
    expect(tagged).toHaveLength(mp3(50).length);
  });

  it.each([
    ["nothing", "", "is no wav sound"],
    ["no base64", "%%%%", "is no base64"],
    [
      "something else in the middle",
      `${wavBase64().slice(0, 4_000)}%%%%${wavBase64().slice(4_000)}`,
      "is no base64",
    ],
    ["a data: URL", `data:audio/wav;base64,${wavBase64()}`, "is no base64"],
    ["text", Buffer.from("hello world, hello").toString("base64"), "is no wav sound"],
    ["one sample", wavBase64().slice(0, 64), "at least 0.1 s"],
  ])("is refused where it is %s", (_what, data, message) => {
    const expected = { status: 400, param: "a.data", message: expect.stringContaining(message) };
    expect(check(data)).toMatchObject(expected);
  });

  it("is refused where it is larger than allowed", () => {
    const megabyte = wavBase64(32.767); // 1,048,588 bytes.
    expect(check(megabyte, "wav", 1)).toMatchObject({ status: 413, param: "a.data" });
    expect(check(megabyte, "wav", 1.00002)).toBeNull();
  });
});
