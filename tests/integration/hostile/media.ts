/** Images and sounds that are damaged, enormous, or somewhere else. */
import { crc32, deflateSync } from "node:zlib";
import { claimingWav, pngBase64, resized, smallImages, taggedMp3, wavBase64 } from "../../fixtures/media.ts";
import { chatCase, type HostileCase } from "./case.ts";

const model = "tiny-omni";
const imageAt = (url: unknown) => [{ type: "image_url", image_url: { url } }];
const mediaCase = (name: string, content: unknown): HostileCase =>
  chatCase(name, { model, messages: [{ role: "user", content }] });
const imageCase = (name: string, base64: string, type = "png") =>
  mediaCase(name, imageAt(`data:image/${type};base64,${base64}`));
const soundCase = (name: string, data: string, format = "wav") =>
  mediaCase(name, [{ type: "input_audio", input_audio: { data, format } }]);
/** A sound that says something false of its length. */
const lyingCase = (name: string, file: Buffer, format: "wav" | "mp3"): HostileCase => ({
  ...soundCase(name, file.toString("base64"), format),
  withinMs: 2_000,
});

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

const kinds = ["png", "jpeg", "gif", "webp", "bmp"] as const;
const sizes = [
  [0, 0],
  [65_535, 65_535],
  [100_000, 100_000],
] as const;

/** Images that say they are of such a size, where their kind can say it, and hold the pixels of a small one. */
const bombs = kinds.flatMap((kind) =>
  sizes
    .filter(([width]) => width <= 65_535 || kind === "png" || kind === "bmp")
    .map(([width, height]) =>
      imageCase(
        `a ${kind} of ${width} x ${height} pixels`,
        resized(kind, width, height).toString("base64"),
        kind,
      ),
    ),
);

const broken = kinds.flatMap((kind) => {
  const whole = resized(kind, 24, 16);
  const wrong = Buffer.from(whole);
  wrong.set([0x00, 0xff], 0);
  return [
    imageCase(`a ${kind} cut off`, whole.subarray(0, whole.length / 2).toString("base64"), kind),
    imageCase(`a ${kind} without its beginning`, wrong.toString("base64"), kind),
  ];
});

/** A JPEG of another size inside its comment, and of a large one after it. */
function jpegInJpeg(): string {
  const outer = resized("jpeg", 60_000, 60_000);
  const inner = Buffer.from(smallImages.jpeg, "base64");
  const comment = Buffer.from([0xff, 0xfe, 0, 0]);
  comment.writeUInt16BE(inner.length + 2, 2);
  return Buffer.concat([outer.subarray(0, 2), comment, inner, outer.subarray(2)]).toString("base64");
}

/** A PNG with a chunk of Apple's before its header, in which a reader that trusts places finds a small size. */
function applePng(): string {
  const large = resized("png", 60_000, 60_000);
  const small = resized("png", 4, 4);
  const chunk = Buffer.concat([
    Buffer.from([0, 0, 0, 25]),
    Buffer.from("CgBI\0\0\0\0\0\0\0\0", "latin1"),
    small.subarray(8, 29),
    Buffer.alloc(4),
  ]);
  return Buffer.concat([large.subarray(0, 8), chunk, large.subarray(8)]).toString("base64");
}

/** A WAV with this in its description. */
function describedWav(rate: number, channels = 1, bits = 16): string {
  const wav = Buffer.from(wavBase64(), "base64");
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt16LE(bits, 34);
  return wav.toString("base64");
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
  imageCase("an image that moves", smallImages.animated, "gif"),
  imageCase("a large image behind a small one", jpegInJpeg(), "jpeg"),
  imageCase("a large image behind a chunk of another maker", applePng()),
  imageCase(
    "a JPEG that never begins",
    Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(6e6)]).toString("base64"),
    "jpeg",
  ),
  imageCase("an image in lines", `${pngBase64().slice(0, 40)}\n${pngBase64().slice(40)}`),
  imageCase(
    "an image in the base64 of addresses",
    pngBase64(64, 64).replaceAll("+", "-").replaceAll("/", "_"),
  ),
  imageCase("an image with something else in the middle", `${pngBase64(64, 64).slice(0, 120)}%%%%AAAA`),
  mediaCase("an image that is not in base64", imageAt("data:image/png,hello")),
  mediaCase(
    "an image of a very long type",
    imageAt(`data:image/${"a".repeat(100_000)};base64,${pngBase64()}`),
  ),
  ...bombs,
  ...broken,
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
  ...[0, 1, 8, 0xffff_ffff].map((rate) =>
    soundCase(`a sound of ${rate} samples a second`, describedWav(rate)),
  ),
  ...[0, 255, 65_535].map((channels) =>
    soundCase(`a sound of ${channels} channels`, describedWav(16_000, channels)),
  ),
  ...[0, 1, 65_535].map((bits) => soundCase(`a sound of ${bits} bits`, describedWav(16_000, 1, bits))),
  soundCase(
    "a sound of five hours",
    Buffer.alloc(14e6, Buffer.from("\xff\xe3\x18\xc0".padEnd(72, "\0"), "latin1")).toString("base64"),
    "mp3",
  ),
  soundCase("a sound that is an image", pngBase64(), "mp3"),
  soundCase(
    "a sound that is a tag alone",
    Buffer.from("ID3\x04\0\0\x7f\x7f\x7f\x7f", "latin1").toString("base64"),
    "mp3",
  ),
  soundCase(
    "a sound of zeros",
    Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(1e6)]).toString("base64"),
    "mp3",
  ),
  soundCase("a sound of ones", Buffer.alloc(1e6, 0xff).toString("base64"), "mp3"),
  lyingCase("a sound of one sample", claimingWav(2).subarray(0, 46), "wav"),
  lyingCase("a sound that says it has one sample", claimingWav(2), "wav"),
  lyingCase("a sound whose tag comes to one sample", taggedMp3(1, 576, 575), "mp3"),
  lyingCase("a sound whose tag comes to none", taggedMp3(7, 4095, 3968), "mp3"),
  lyingCase("a sound whose tag claims 100,000 frames", taggedMp3(100_000, 0, 0), "mp3"),
  lyingCase("a sound whose tag claims four billion frames", taggedMp3(4_000_000_000, 0, 0), "mp3"),
  soundCase("a sound of another kind than it says", wavBase64(), "mp3"),
  soundCase("a sound of an unknown kind", wavBase64(), "exe"),
  chatCase("an image for a model that cannot see", {
    messages: [{ role: "user", content: imageAt(`data:image/png;base64,${pngBase64()}`) }],
  }),
];
