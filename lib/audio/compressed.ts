/** Files in containers that only remote engines take: ogg, webm, mp4 and bare AAC. */
import { type Measured, notPlayable } from "./measure.ts";

/** More than any of their codecs (Opus, Vorbis, AAC) puts into a second of speech. */
const maxBytesPerSecond = 64_000;

/**
 * Lasts until the end of the last packet. Times of packets are the sender's words: so a file lasts at least as long as its
 * bytes do at the highest rate.
 * @throws GatewayError 400 where there is no track of sound
 */
export async function measureCompressed(bytes: Buffer): Promise<Measured> {
  const { ADTS, BufferSource, Input, MATROSKA, MP4, OGG, QTFF, WEBM } = await import("mediabunny");
  const input = new Input({
    source: new BufferSource(bytes),
    formats: [OGG, WEBM, MATROSKA, MP4, QTFF, ADTS],
  });
  let seconds: number | undefined;
  try {
    const track = await input.getPrimaryAudioTrack();
    seconds = await track?.computeDuration();
  } catch {
    throw notPlayable("damaged, or no sound");
  } finally {
    input.dispose();
  }
  if (seconds === undefined || !Number.isFinite(seconds)) throw notPlayable("without a track of sound");
  return { seconds: Math.max(seconds, bytes.length / maxBytesPerSecond), pieces: [bytes] };
}
