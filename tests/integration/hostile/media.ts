/** Images and sounds that are damaged, enormous, or somewhere else. */
import { crc32, deflateSync } from "node:zlib";
import { pngBase64, wavBase64 } from "../../fixtures/media.ts";
import { chatCase, type HostileCase } from "./case.ts";

const model = "tiny-omni";
const imageAt = (url: unknown) => [{ type: "image_url", image_url: { url } }];
const mediaCase = (name: string, content: unknown): HostileCase =>
  chatCase(name, { model, messages: [{ role: "user", content }] });
const imageCase = (name: string, base64: string, type = "png") =>
  mediaCase(name, imageAt(`data:image/${type};base64,${base64}`));
const soundCase = (name: string, data: string, format = "wav") =>
  mediaCase(name, [{ type: "input_audio", input_audio: { data, format } }]);

/** A PNG that says it is this large and holds almost nothing: one bit a pixel, and no more than a row. */
function hollowPng(width: number, height: number): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.alloc(64));
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]).toString("base64");
}

/** The header of a WAV file that says it holds four gigabytes. */
function hollowWav(): string {
  const wav = Buffer.from(wavBase64(), "base64");
  wav.writeUInt32LE(0xffff_ffff, 4);
  wav.writeUInt32LE(0xffff_fff0, 40);
  return wav.subarray(0, 60).toString("base64");
}

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>');

export const media: HostileCase[] = [
  imageCase("an image that is fine", pngBase64()),
  imageCase("an image cut in half", pngBase64(64, 64).slice(0, 60)),
  imageCase("an image that is empty", ""),
  imageCase("an image that is no base64", "%%%%"),
  imageCase("an image that is text", Buffer.from("hello").toString("base64")),
  imageCase("a drawing", svg.toString("base64"), "svg+xml"),
  imageCase("an image of no pixels", hollowPng(0, 0)),
  imageCase("an image of 2,500 million pixels", hollowPng(50_000, 50_000)),
  imageCase("an image of four billion columns", hollowPng(0xffff_ffff, 1)),
  imageCase("an image of one very long row", hollowPng(30_000_000, 1)),
  imageCase("an image of another kind than it says", pngBase64(), "jpeg"),
  mediaCase(
    "50 images",
    Array.from({ length: 50 }, () => imageAt(`data:image/png;base64,${pngBase64()}`)[0]),
  ),
  mediaCase("an address of the operator's network", imageAt("http://169.254.169.254/latest/meta-data/")),
  mediaCase("an address of this machine", imageAt("http://127.0.0.1:4000/health")),
  mediaCase("an address in numbers", imageAt("http://2130706433/")),
  mediaCase("a file", imageAt("file:///etc/passwd")),
  mediaCase("a file without a scheme", imageAt("/etc/passwd")),
  mediaCase("a program", imageAt("data:text/html,<script>1</script>")),
  mediaCase("an address that is a number", imageAt(5)),
  mediaCase("an image without an address", [{ type: "image_url" }]),
  soundCase("a sound that is fine", wavBase64()),
  soundCase("a sound cut short", wavBase64().slice(0, 40)),
  soundCase("a sound that is empty", ""),
  soundCase("a sound that is no base64", "%%%%"),
  soundCase("a sound that says it is four gigabytes", hollowWav()),
  soundCase("a sound of another kind than it says", wavBase64(), "mp3"),
  soundCase("a sound of an unknown kind", wavBase64(), "exe"),
  chatCase("an image for a model that cannot see", {
    messages: [{ role: "user", content: imageAt(`data:image/png;base64,${pngBase64()}`) }],
  }),
];
