/** The endpoints of `/v1` that take sound. */
import { transcriptionNotes, translationNotes } from "../../compatibility/audio.ts";
import { transcriptionRequest, translationRequest } from "../../openai/transcriptions/request.ts";
import { openaiErrorAnswer } from "../answers/errors.ts";
import { transcriptionAnswer, transcriptionEvent } from "../answers/transcription.ts";
import type { Answer, Operation } from "../operation.ts";
import { modelCall } from "./v1.ts";

const written: Answer = {
  status: 200,
  description: "What was said",
  schema: { name: "Transcription", schema: transcriptionAnswer },
  texts: ["text/plain"],
};

export const audioOperations: readonly Operation[] = [
  {
    ...modelCall,
    path: "/v1/audio/transcriptions",
    id: "createTranscription",
    group: "Sound",
    summary: "Write down what is said",
    description: "A model of type audio writes down a sound, in one piece or as a stream.",
    body: {
      name: "TranscriptionRequest",
      mediaType: "multipart/form-data",
      schema: transcriptionRequest,
      notes: transcriptionNotes.parameters,
      example: { file: "speech.wav", model: "auto" },
    },
    answers: [
      {
        ...written,
        events: {
          description:
            "Each event holds a piece of the text; one with the whole text comes at the end, and then `[DONE]`.",
          data: [
            { name: "TranscriptionEvent", schema: transcriptionEvent },
            { name: "Error", schema: openaiErrorAnswer },
          ],
          end: "[DONE]",
        },
      },
    ],
  },
  {
    ...modelCall,
    path: "/v1/audio/translations",
    id: "createTranslation",
    group: "Sound",
    summary: "Write down in English what is said",
    description: "A model of type audio writes down a sound in English.",
    body: {
      name: "TranslationRequest",
      mediaType: "multipart/form-data",
      schema: translationRequest,
      notes: translationNotes.parameters,
      example: { file: "speech.wav", model: "auto" },
    },
    answers: [written],
  },
];
