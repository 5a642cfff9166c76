/** A checked transcription as an engine gets it: what each kind of engine can do, and the form that asks it. */
import type { Container } from "../../audio/container.ts";
import { GatewayError } from "../../errors.ts";
import type { Grant, UpstreamRequest } from "../../gateway/endpoint.ts";
import { writeForm } from "../../multipart/write.ts";
import type { Engine } from "../../slots/types.ts";
import type { TranscriptionCall } from "./call.ts";
import type { ResponseFormat } from "./request.ts";

/** What an engine can do; null: nobody here knows, so it is asked. */
interface Abilities {
  containers: readonly Container[] | null;
  formats: readonly ResponseFormat[] | null;
}

/** llama-server hands sound to a chat model, which writes text without times; it decodes with miniaudio. */
const abilitiesOf: Record<Engine["kind"], Abilities> = {
  "llama-server": { containers: ["wav", "mp3", "flac"], formats: ["json", "text"] },
  remote: { containers: null, formats: null },
};

/** No model in use takes less than a token for a second; Ultravox takes 6, Qwen3-ASR and Voxtral 13. */
const leastTokensPerSecond = 1;

/** What a chat model is told. Its own words for the first llama-server knows, and better ones for models that it knows. */
const instructions = {
  transcriptions: "Transcribe audio to text",
  translations: "Translate the audio to English text",
};

/**
 * Builds the engine's request from what the client's form may hold.
 * @throws GatewayError 400 where this engine cannot do what the call asks
 */
export function transcriptionUpstream(
  call: TranscriptionCall,
  grant: Grant,
  engine: Engine,
): UpstreamRequest {
  checkAbilities(call, abilitiesOf[engine.kind]);
  const isStreamed = engine.alwaysStream || call.stream === true;
  const file = { name: "file", filename: `sound.${call.sound.container}`, pieces: call.sound.pieces };
  const isLocal = engine.kind === "llama-server";
  if (isLocal) checkLength(call, grant);
  const fields = isLocal ? chatFields(call, grant) : remoteFields(call);
  const common = [
    ["model", engine.upstreamModel] as const,
    ["stream", isStreamed ? "true" : undefined] as const,
  ];
  return {
    path: isLocal ? "/audio/transcriptions" : `/audio/${call.task}`,
    body: "",
    form: writeForm([...common, ...fields], file),
    isStreamed,
    beginsLate: true,
    input: "file",
  };
}

type Fields = readonly (readonly [string, string | undefined])[];

/** llama-server takes a `prompt` for the whole of its instruction, and samples freely unless it is told not to. */
function chatFields({ task, prompt, language, temperature }: TranscriptionCall, grant: Grant): Fields {
  const instruction = instructions[task];
  const hint = prompt ? `${instruction}. These words may occur: ${prompt}` : instruction;
  return [
    ["prompt", prompt || task === "translations" ? hint : undefined],
    ["language", language ?? undefined],
    ["temperature", String(temperature ?? 0)],
    ["max_tokens", String(grant.maxOutputTokens)],
  ];
}

function remoteFields(call: TranscriptionCall): Fields {
  return [
    ["language", call.language ?? undefined],
    ["prompt", call.prompt ?? undefined],
    // Text is made here, as only JSON says what was used.
    ["response_format", call.response_format === "text" ? "json" : (call.response_format ?? undefined)],
    ["temperature", call.temperature == null ? undefined : String(call.temperature)],
    ...(call.timestamp_granularities ?? []).map((one) => ["timestamp_granularities[]", one] as const),
  ];
}

function checkAbilities(
  { sound, response_format }: TranscriptionCall,
  { containers, formats }: Abilities,
): void {
  if (containers && !containers.includes(sound.container))
    throw new GatewayError(
      "invalid_request",
      `This model reads ${containers.join(", ")}, and \`file\` is ${sound.container}. Convert it first.`,
      { param: "file" },
    );
  if (formats && response_format && !formats.includes(response_format))
    throw new GatewayError(
      "invalid_request",
      `This model gives no timestamps: \`response_format\` may be ${formats.join(" or ")}.`,
      { param: "response_format" },
    );
}

/** Refused before an engine decodes it: hours of sound take it seconds and hundreds of megabytes. */
function checkLength({ sound }: TranscriptionCall, { model }: Grant): void {
  const seconds = sound.durationMs / 1000;
  if (model.contextLength === null || seconds * leastTokensPerSecond <= model.contextLength) return;
  throw new GatewayError(
    "context_length_exceeded",
    `This model's context length is ${model.contextLength} tokens, which cannot hold ${Math.round(seconds)} s of sound. Send it in shorter pieces.`,
    { param: "file" },
  );
}
