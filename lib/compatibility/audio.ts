/** The parameters of the endpoints that take a form with a sound. */
import { transcriptionRequest, translationRequest } from "../openai/transcriptions/request.ts";
import { common, type EndpointNotes, honoured, ignored, passedOn } from "./notes.ts";

const shared = {
  file: passedOn(
    "llama-server reads wav, mp3 and flac; remotes also get ogg, webm, mp4 (m4a) and aac. 0.1 s to 4 h, at most `limits.audio_mb`",
  ),
  model: common.model,
  prompt: passedOn("Names and words that may occur; llama-server is told so behind its instruction"),
  response_format: passedOn("llama-server writes `json` and `text`, as its models give no timestamps"),
  temperature: passedOn("0 where none is given"),
};

export const transcriptionNotes: EndpointNotes = {
  path: "/v1/audio/transcriptions",
  api: "OpenAI",
  schema: transcriptionRequest,
  parameters: {
    ...shared,
    language: passedOn("A code, as `de`"),
    timestamp_granularities: passedOn("With `verbose_json`: for remotes"),
    stream: honoured(
      "`transcript.text.delta` and `transcript.text.done`, also where a remote does not stream",
    ),
    include: ignored("Log probabilities come where a remote gives them"),
    chunking_strategy: ignored("Engines cut sounds as they need to"),
    known_speaker_names: ignored("Speakers are not told apart"),
    known_speaker_references: ignored("As `known_speaker_names`"),
  },
};

export const translationNotes: EndpointNotes = {
  path: "/v1/audio/translations",
  api: "OpenAI",
  schema: translationRequest,
  parameters: { ...shared, prompt: passedOn("As for transcriptions; the answer is English") },
};
