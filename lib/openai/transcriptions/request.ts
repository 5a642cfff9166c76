/** What a client may send to `/v1/audio/transcriptions` and `/v1/audio/translations`. */
import { z } from "zod";

export const responseFormats = ["json", "text", "srt", "verbose_json", "vtt"] as const;
export type ResponseFormat = (typeof responseFormats)[number];

const maxPromptLength = 20_000;

const translationFields = {
  model: z.string().max(256).nullish(),
  prompt: z.string().max(maxPromptLength).nullish(),
  response_format: z.enum(responseFormats).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
};

const transcriptionFields = {
  ...translationFields,
  language: z
    .string()
    .regex(/^[a-z]{2,20}([-_][a-z\d]{1,8})*$/i, "must be a language's code, as `de`")
    .nullish(),
  timestamp_granularities: z
    .array(z.enum(["word", "segment"]))
    .max(2)
    .nullish(),
  stream: z.boolean().nullish(),
};

/** Everything but the file, once texts are what they stand for. */
export const transcriptionSettings = z.object(transcriptionFields);
export const translationSettings = z.object(translationFields);

/** The whole form, for descriptions of the API. */
export const transcriptionRequest = z.object({ file: z.file(), ...transcriptionFields });
export const translationRequest = z.object({ file: z.file(), ...translationFields });

export type TranscriptionSettings = z.infer<typeof transcriptionSettings>;
