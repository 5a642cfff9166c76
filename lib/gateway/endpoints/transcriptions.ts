/** `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`. */
import type { z } from "zod";
import { readTranscription, type TranscriptionCall } from "../../openai/transcriptions/call.ts";
import {
  type TranscriptionSettings,
  transcriptionSettings,
  translationSettings,
} from "../../openai/transcriptions/request.ts";
import { TranscriptionStreamReader } from "../../openai/transcriptions/stream.ts";
import { transcriptionUpstream } from "../../openai/transcriptions/upstream.ts";
import { transcriptionPromptBound } from "../../openai/transcriptions/usage.ts";
import { TranscriptionPlainReader, TranscriptionWholeReader } from "../../openai/transcriptions/whole.ts";
import type { Capability } from "../../slots/types.ts";
import type { FormEndpoint } from "../endpoint.ts";

const hearing: readonly Capability[] = ["transcription"];

export const transcriptions = endpointFor("transcriptions", transcriptionSettings);
export const translations = endpointFor("translations", translationSettings);

function endpointFor(
  task: TranscriptionCall["task"],
  settings: z.ZodType<TranscriptionSettings>,
): FormEndpoint<TranscriptionCall> {
  return {
    name: `audio.${task}`,
    readBody: (request, limits, named) => readTranscription(request, limits, { task, settings }, named),
    needs: () => hearing,
    outputTokens: () => null,
    promptTokens: transcriptionPromptBound,
    audioMs: ({ sound }) => sound.durationMs,
    upstream: transcriptionUpstream,
    streamReader: (call, { soundSeconds }) => new TranscriptionStreamReader(call, soundSeconds),
    wholeReader: (call, { soundSeconds }, engine) =>
      engine.alwaysStream
        ? new TranscriptionWholeReader(call, soundSeconds)
        : new TranscriptionPlainReader(call, soundSeconds),
  };
}
