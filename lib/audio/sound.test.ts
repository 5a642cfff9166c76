import fc from "fast-check";
import { ALL_FORMATS, BufferSource, Input } from "mediabunny";
import { describe, expect, it } from "vitest";
import { flac, mp3, nestedMp3, wavBase64 } from "../../tests/fixtures/media.ts";
import { webm } from "../../tests/fixtures/webm.ts";
import { isGatewayError } from "../errors.ts";
import { openSound, openSoundPart } from "./sound.ts";

const wav = (seconds = 1) => Buffer.from(wavBase64(seconds), "base64");

async function outcome(bytes: Buffer): Promise<number | string> {
  try {
    return (await openSound(bytes)).durationMs;
  } catch (error) {
    if (isGatewayError(error) && error.status === 400 && error.options.param === "file") return error.message;
    throw error;
  }
}

/** Changes some bytes of a copy. */
function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

describe("openSound", () => {
  it.each([
    ["wav", wav(1.5), 1500],
    ["mp3", mp3(50), 1800],
  ])("measures %s as another reader does", async (container, bytes, durationMs) => {
    expect(await openSound(bytes)).toMatchObject({ container, durationMs });
    const other = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
    expect(await other.computeDuration()).toBeCloseTo(durationMs / 1000, 2);
  });

  it("measures flac by the samples of its frames", async () => {
    expect(await openSound(flac(10))).toMatchObject({ container: "flac", durationMs: 2500 });
    expect(await outcome(flac(10, 192))).toBe(120);
  });

  it.each([
    ["nothing", Buffer.alloc(0), /is empty/],
    ["text", Buffer.from("RIFF and no sound"), /no sound file/],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), /no sound file/],
    ["one sample", wav().subarray(0, 46), /at least 0\.1 s/],
    ["a head alone", wav().subarray(0, 44), /at least 0\.1 s/],
    ["a head that is cut off", wav().subarray(0, 30), /without sound/],
    ["no frame", Buffer.concat([Buffer.from("ID3\x04\0\0\0\0\0\0"), Buffer.alloc(500)]), /without frames/],
    [
      "a tag that is longer than the file",
      Buffer.from("ID3\x04\0\0\x7f\x7f\x7f\x7f", "latin1"),
      /without frames/,
    ],
    ["one frame and zeros", Buffer.concat([mp3(1), Buffer.alloc(200_000)]), /without frames/],
    ["a few frames", mp3(2), /at least 0\.1 s/],
    ["an empty track", Buffer.concat([Buffer.from("OggS"), Buffer.alloc(100)]), /track of sound|damaged/],
  ])("refuses %s", async (_what, bytes, message) => {
    expect(await outcome(bytes)).toMatch(message);
  });

  it("refuses an hour-long sound in a few bytes only where it is too long", async () => {
    expect(await outcome(flac(900, 65_535))).toBe(Math.round((900 * 65_535) / 16));
    expect(await outcome(flac(3_600, 65_535))).toMatch(/at most 4 hours/);
    // 9 hours of samples at 1 Hz: 32 KB that took llama-server half a minute.
    const slow = changed(wav(1), (copy) => copy.writeUInt32LE(1, 24));
    expect(await outcome(slow)).toMatch(/of 1 samples a second/);
  });
});

describe("what a file says of itself", () => {
  it.each([
    ["less sound than there is", (copy: Buffer) => copy.writeUInt32LE(32_000, 40)],
    ["more sound than there is", (copy: Buffer) => copy.writeUInt32LE(0xfffffff0, 40)],
    ["that it does not know", (copy: Buffer) => copy.writeUInt32LE(0xffffffff, 40)],
    ["nothing at all", (copy: Buffer) => copy.writeUInt32LE(0, 40)],
    ["frames of 60,000 bytes", (copy: Buffer) => copy.writeUInt16LE(60_000, 32)],
    ["another number of bytes a second", (copy: Buffer) => copy.writeUInt32LE(1_000_000, 28)],
    ["a larger file", (copy: Buffer) => copy.writeUInt32LE(12, 4)],
  ])("is not believed: a WAV file that says %s", async (_what, lie) => {
    expect(await outcome(changed(wav(5), lie))).toBe(5000);
  });

  it("is not believed: metadata is no sound, but what follows a chunk of sound and is no metadata is", async () => {
    const list = Buffer.concat([Buffer.from("LIST\x10\0\0\0", "latin1"), Buffer.alloc(16)]);
    expect(await outcome(Buffer.concat([wav(2), list]))).toBe(2000);
    expect(await outcome(Buffer.concat([wav(2), wav(2).subarray(36)]))).toBe(4000); // A second chunk of sound.
    expect(await outcome(Buffer.concat([wav(2), Buffer.alloc(32_000, 0xee)]))).toBe(3000);
  });

  it.each([0, 1, 2 ** 31])("is not believed: a FLAC file that says it has %d samples", async (claimed) => {
    expect(await outcome(flac(10, 4_000, claimed))).toBe(2500);
  });

  it("reaches no engine: it gets a WAV head that is written anew", async () => {
    const whole = await openSound(wav(2));
    expect(Buffer.concat(whole.pieces).equals(wav(2))).toBe(true);
    for (const claimed of [2, 0xffffffff]) {
      const { pieces } = await openSound(changed(wav(2), (copy) => copy.writeUInt32LE(claimed, 40)));
      expect(Buffer.concat(pieces).equals(wav(2))).toBe(true);
    }
  });

  it("reaches no engine: a FLAC head gets the right total, and its other bits stay", async () => {
    const { pieces } = await openSound(flac(10, 4_000, 1));
    expect(Buffer.concat(pieces).equals(flac(10, 4_000))).toBe(true);
  });

  it.each(["Xing", "Info", "VBRI"])(
    "reaches no engine: an MP3 file's tag %s, and what stands before its frames",
    async (tag) => {
      const id3 = Buffer.concat([Buffer.from("ID3\x04\0\0\0\0\0\x08"), Buffer.from("fLaC\0\0\0\0")]);
      const tagged = changed(mp3(50), (copy) => copy.write(tag, 21, "latin1"));
      const { pieces, durationMs } = await openSound(Buffer.concat([id3, tagged]));
      expect(Buffer.concat(pieces).equals(mp3(50))).toBe(true);
      expect(durationMs).toBe(1800);
    },
  );

  it.each([
    ["a gap", Buffer.concat([mp3(20), Buffer.alloc(5_000), mp3(30)])],
    ["another file", Buffer.concat([mp3(20), Buffer.from("ID3"), nestedMp3(2), mp3(30)])],
    ["something in front", Buffer.concat([Buffer.from([0xff, 0xfb, 0xe8, 0xc0]), mp3(50)])],
    ["tags behind it", Buffer.concat([mp3(50), Buffer.from("TAG".padEnd(128))])],
    ["a frame that is cut off", Buffer.concat([mp3(50), mp3(1).subarray(0, 100)])],
  ])("reaches no engine: of an MP3 file with %s, only frames of one kind", async (_what, bytes) => {
    const { pieces, durationMs } = await openSound(bytes);
    expect(Buffer.concat(pieces).equals(mp3(50))).toBe(true);
    expect(durationMs).toBe(1800);
  });

  it("reaches no engine: an MP3 file in which frames hide inside of others", async () => {
    const { pieces, durationMs } = await openSound(nestedMp3(50));
    expect(durationMs).toBe(7_200);
    expect(pieces.map((piece) => piece.length)).toEqual(Array(50).fill(2 * 1440));
  });

  it("decides where frames cannot be counted: such files are refused", async () => {
    const adpcm = changed(wav(), (copy) => copy.writeUInt16LE(0x11, 20));
    expect(await outcome(adpcm)).toMatch(/other than PCM/);
    const freeRate = Buffer.alloc(288 * 20, mp3(1).fill(0x08, 2, 3));
    expect(await outcome(freeRate)).toMatch(/without frames that can be counted/);
  });
});

describe("openSoundPart", () => {
  const refusal = (bytes: Buffer, format: "wav" | "mp3") => {
    try {
      openSoundPart(bytes, format, "a.data");
    } catch (error) {
      if (isGatewayError(error) && error.status === 400 && error.options.param === "a.data")
        return error.message;
      throw error;
    }
    return null;
  };
  /** Of the fewest bits a frame can have: 72 ms in 72 bytes. */
  const longMp3 = (frames: number) => Buffer.alloc(72 * frames, nestedMp3(1).subarray(4, 76));

  it("measures at once what openSound measures", async () => {
    for (const [format, bytes] of [
      ["wav", wav(2)],
      ["mp3", mp3(50)],
    ] as const)
      expect(openSoundPart(Buffer.from(bytes), format, "a.data")).toEqual(await openSound(bytes));
  });

  it.each([
    ["nothing", Buffer.alloc(0), "wav", /^`a\.data` is no wav sound\.$/],
    ["text", Buffer.from("hello world, hello"), "mp3", /is no mp3 sound\.$/],
    ["of the other kind", wav(), "mp3", /is wav, not mp3\.$/],
    ["of a kind that is not taken", flac(10), "wav", /is flac, not wav\.$/],
    ["one sample", wav().subarray(0, 46), "wav", /at least 0\.1 s/],
    ["of one bit", changed(wav(), (copy) => copy.writeUInt16LE(1, 34)), "wav", /codec other than/],
    ["of no channels", changed(wav(), (copy) => copy.writeUInt16LE(0, 22)), "wav", /of 0 channels/],
    [
      "of four billion samples a second",
      changed(wav(), (copy) => copy.writeUInt32LE(0xffff_ffff, 24)),
      "wav",
      /samples a second/,
    ],
  ] as const)("refuses at its place what is %s", (_what, bytes, format, message) => {
    expect(refusal(bytes, format)).toMatch(message);
  });

  it("takes half an hour, however few bytes that are", () => {
    const longWav = (seconds: number) => Buffer.from(wavBase64(seconds, 4_000), "base64");
    expect(refusal(longMp3(25_000), "mp3")).toBeNull();
    expect(refusal(longMp3(25_001), "mp3")).toMatch(/at most 30 minutes/);
    expect(refusal(longWav(1_800), "wav")).toBeNull();
    expect(refusal(longWav(1_801), "wav")).toMatch(/at most 30 minutes/);
  });
});

describe("hostile files", () => {
  const repeated = (first: Buffer, sizeBytes: number, text: string) =>
    Buffer.concat([first, Buffer.alloc(sizeBytes, Buffer.from(text, "latin1"))]);
  it.each([
    ["wav", () => repeated(wav(0.2).subarray(0, 44), 4_000_000, "LIST\0\0\0\0")],
    ["mp3", () => Buffer.alloc(8_000_000, Buffer.concat([mp3(2), Buffer.alloc(4, 0xff)]))],
    ["flac", () => repeated(flac(20), 8_000_000, "\xff\xf8")],
  ])("in which every byte of a %s looks like a beginning are given up soon", async (_kind, make) => {
    const bytes = make();
    const startMs = performance.now();
    expect(await outcome(bytes)).toMatch(/too many pieces/);
    expect(performance.now() - startMs).toBeLessThan(1_500);
  });

  it("of containers that another library reads are refused, and the next one is read", async () => {
    const damaged = Buffer.concat([Buffer.from("1a45dfa3", "hex"), Buffer.alloc(2_000, 0x01)]);
    const results = await Promise.all([
      outcome(damaged),
      outcome(Buffer.concat(Array.from({ length: 16 }, aacFrame))),
    ]);
    expect(results).toEqual([expect.stringMatching(/track of sound/), 1024]);
  }, 15_000);

  it("that the other library never comes to an end with are given up, and the next one is read", async () => {
    const whole = await webm(10);
    const cues = Buffer.from("1c53bb6b", "hex");
    // Its head says where to find the index, and there stands something else.
    const endless = changed(whole, (copy) => copy.writeUInt8(0x7f, copy.lastIndexOf(cues)));
    const startMs = performance.now();
    const results = await Promise.all([outcome(endless), outcome(whole)]);
    expect(results).toEqual([expect.stringMatching(/damaged/), 180]); // WebM does not tell how long its last packet is.
    expect(performance.now() - startMs).toBeGreaterThan(4_900); // So it was the clock that ended it.
  }, 15_000);

  it("are measured or refused, whatever is changed in them or cut off", async () => {
    const whole = fc.constantFrom(wav(0.3), mp3(10), flac(5));
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(whole, changes, fc.nat(), async (bytes, edits, cut) => {
        const copy = changed(bytes, (target) => {
          for (const [at, value] of edits) target[at % Math.min(target.length, 120)] = value;
        });
        const result = await outcome(copy.subarray(0, copy.length - (cut % copy.length)));
        if (typeof result === "number") expect(Number.isSafeInteger(result) && result >= 100).toBe(true);
      }),
      { numRuns: 600 },
    );
  });
});

/** 1,024 samples at 16 kHz of AAC, without any sound in them. */
function aacFrame(): Buffer {
  return Buffer.from([0xff, 0xf1, 0x60, 0x40, 0x01, 0x5f, 0xfc, 0x21, 0x00, 0x00]);
}
