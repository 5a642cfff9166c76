/** Transcriptions as a bare HTTP client asks for them. */
import { wavBase64 } from "../fixtures/media.ts";
import { type ChatTarget, dataEvents } from "./chat.ts";

export interface TranscriptionEvent {
  type?: string;
  delta?: string;
  text?: string;
  usage?: Record<string, unknown>;
  error?: { message: string };
}

/** A tone, as a WAV file. */
export function tone(seconds = 1): Buffer {
  return Buffer.from(wavBase64(seconds), "base64");
}

/** A form with a sound; null: without one. */
export function soundForm(fields: Record<string, string>, sound: Buffer | null = tone()): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (sound) form.append("file", new Blob([new Uint8Array(sound)]), "recording.wav");
  return form;
}

/** POSTs a form to `/v1/audio/transcriptions`, or to another task of `/v1/audio`. */
export function transcribe(
  { url, key }: ChatTarget,
  form: FormData,
  { task = "transcriptions", signal }: { task?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  const headers = { authorization: `Bearer ${key}` };
  return fetch(`${url}/v1/audio/${task}`, { method: "POST", headers, body: form, signal });
}

/** All events of a stream, without the mark that ends it. */
export async function transcriptionEvents(response: Response): Promise<TranscriptionEvent[]> {
  const events: TranscriptionEvent[] = [];
  for await (const data of dataEvents(response)) if (data !== "[DONE]") events.push(JSON.parse(data));
  return events;
}
