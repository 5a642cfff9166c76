/** A transcription, as tests ask for it. */
import type { TranscriptionCall } from "../call.ts";

/** Two and a half seconds of a sound whose bytes nobody looks at. */
export function transcriptionCall(settings: Partial<TranscriptionCall> = {}): TranscriptionCall {
  const sound = { container: "wav" as const, pieces: [Buffer.from("RIFF")], durationMs: 2_500 };
  return { task: "transcriptions", sound, ...settings };
}
