/** Which kind of sound file some bytes are, by what they begin with. */

export type Container = "wav" | "mp3" | "flac" | "ogg" | "webm" | "mp4" | "aac";

/** The first bytes decide, never a name or a type that the sender gave. Null where it is no sound that is known here. */
export function containerOf(bytes: Buffer): Container | null {
  const start = bytes.toString("latin1", 0, 12);
  if (/^RIFF....WAVE/s.test(start)) return "wav";
  if (start.startsWith("fLaC")) return "flac";
  if (start.startsWith("OggS")) return "ogg";
  if (start.startsWith("\x1a\x45\xdf\xa3")) return "webm";
  if (start.slice(4, 8) === "ftyp") return "mp4";
  if (start.startsWith("ID3")) return "mp3";
  if (bytes.length < 4 || bytes[0] !== 0xff) return null;
  const second = bytes[1] ?? 0;
  if ((second & 0xf6) === 0xf0) return "aac"; // ADTS: layer 0.
  return (second & 0xe0) === 0xe0 && (second & 0x06) !== 0 ? "mp3" : null;
}
