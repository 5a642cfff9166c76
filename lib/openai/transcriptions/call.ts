/** A transcription that a client asks for: its form, checked, and its sound, measured. */
import type { z } from "zod";
import { openSound, type Sound } from "../../audio/sound.ts";
import { bytesPerMegabyte } from "../../bytes.ts";
import type { Config } from "../../config/schema.ts";
import { GatewayError } from "../../errors.ts";
import type { NamedRequest } from "../../gateway/idempotency/named-request.ts";
import { checkCall, type ReadCall, tooLarge } from "../../gateway/read-call.ts";
import { readForm } from "../../gateway/read-form.ts";
import type { FormPart } from "../../multipart/parse.ts";
import type { TranscriptionSettings } from "./request.ts";

export interface TranscriptionCall extends TranscriptionSettings {
  /** Into the language that is spoken, or into English. */
  task: "transcriptions" | "translations";
  sound: Sound;
}

interface TranscriptionTask {
  task: TranscriptionCall["task"];
  settings: z.ZodType<TranscriptionSettings>;
}

/**
 * Reads a call of one of the two endpoints.
 * @param named takes what the form says
 * @throws GatewayError 400, 413, 415, `client_closed`
 */
export async function readTranscription(
  request: Request,
  { audio_mb }: Config["limits"],
  { task, settings: schema }: TranscriptionTask,
  named: NamedRequest | null = null,
): Promise<ReadCall<TranscriptionCall>> {
  const { parts, bodyBytes } = await readForm(request, audio_mb);
  // Not the body as it came: clients draw its boundary anew for each attempt.
  for (const { name, bytes } of named ? parts : []) {
    named?.add(name);
    named?.add(bytes);
  }
  const settings = checkCall(settingsIn(parts), schema);
  const { timestamp_granularities, response_format } = settings;
  if (timestamp_granularities?.length && response_format !== "verbose_json")
    throw new GatewayError(
      "invalid_request",
      "`timestamp_granularities` needs `response_format` to be verbose_json.",
      { param: "timestamp_granularities" },
    );
  const { bytes } = fileIn(parts);
  if (bytes.length > audio_mb * bytesPerMegabyte) throw tooLarge(audio_mb);
  return { call: { ...settings, task, sound: await openSound(bytes) }, bodyBytes };
}

function fileIn(parts: readonly FormPart[]): FormPart {
  const file = parts.find(({ name, filename }) => name === "file" && filename !== null);
  if (file) return file;
  throw new GatewayError(
    "invalid_request",
    "`file` is missing: send the sound as a part of the form with a file name.",
    { param: "file" },
  );
}

/** The fields of the form as what they stand for. What is no number stays text, so that its check says so. */
function settingsIn(parts: readonly FormPart[]): Record<keyof TranscriptionSettings, unknown> {
  const textsOf = (key: string) =>
    parts
      .filter(({ name, filename }) => filename === null && (name === key || name === `${key}[]`))
      .map(({ bytes }) => bytes.toString("utf8"))
      .filter((text) => text !== ""); // An empty field is one that was not filled in.
  const textOf = (key: string) => textsOf(key)[0];
  const granularities = textsOf("timestamp_granularities");
  return {
    model: textOf("model"),
    prompt: textOf("prompt"),
    response_format: textOf("response_format"),
    language: textOf("language"),
    temperature: numberIn(textOf("temperature")),
    stream: booleanIn(textOf("stream")),
    timestamp_granularities: granularities.length > 0 ? granularities : undefined,
  };
}

function numberIn(text: string | undefined): unknown {
  return text !== undefined && /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(text) ? Number(text) : text;
}

/** Python's `str(True)` is met as well. */
function booleanIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const lower = text.toLowerCase();
  return lower === "true" || lower === "1" ? true : lower === "false" || lower === "0" ? false : text;
}
