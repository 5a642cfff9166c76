import { describe, expect, it } from "vitest";
import type { Grant } from "../../gateway/endpoint.ts";
import type { Engine } from "../../slots/types.ts";
import { transcriptionCall } from "./testing/call.ts";
import { transcriptionUpstream } from "./upstream.ts";

const local = { kind: "llama-server", upstreamModel: "ears", alwaysStream: true } as Engine;
const remote = { kind: "remote", upstreamModel: "whisper", alwaysStream: false } as Engine;
const grant = { maxOutputTokens: 400, model: { contextLength: 2_048 } } as Grant;

async function sent(call: Parameters<typeof transcriptionCall>[0], engine: Engine) {
  const { path, form, isStreamed } = transcriptionUpstream(transcriptionCall(call), grant, engine);
  const body = new Uint8Array(Buffer.concat(form?.pieces ?? []));
  const headers = { "content-type": form?.contentType ?? "" };
  const fields = [...(await new Response(body, { headers }).formData())];
  return {
    path,
    isStreamed,
    fields: fields.map(([name, value]) => [name, value instanceof File ? value.name : value]),
  };
}

describe("transcriptionUpstream", () => {
  it("asks llama-server for a stream, without chance, within what was granted", async () => {
    expect(await sent({}, local)).toEqual({
      path: "/audio/transcriptions",
      isStreamed: true,
      fields: [
        ["model", "ears"],
        ["stream", "true"],
        ["temperature", "0"],
        ["max_tokens", "400"],
        ["file", "sound.wav"],
      ],
    });
  });

  it("keeps its instruction where the client gives hints, and gives another one for a translation", async () => {
    const { fields } = await sent({ prompt: "Jörg, Ångström", language: "sv", temperature: 0.3 }, local);
    expect(fields).toContainEqual([
      "prompt",
      "Transcribe audio to text. These words may occur: Jörg, Ångström",
    ]);
    expect(fields).toContainEqual(["language", "sv"]);
    expect(fields).toContainEqual(["temperature", "0.3"]);
    const translation = await sent({ task: "translations" }, local);
    expect(translation.path).toBe("/audio/transcriptions");
    expect(translation.fields).toContainEqual(["prompt", "Translate the audio to English text"]);
  });

  it("tells a remote what the client said, and asks for JSON where text is made here", async () => {
    const call = {
      task: "translations" as const,
      prompt: "p",
      response_format: "verbose_json" as const,
      timestamp_granularities: ["word" as const],
    };
    expect(await sent(call, remote)).toEqual({
      path: "/audio/translations",
      isStreamed: false,
      fields: [
        ["model", "whisper"],
        ["prompt", "p"],
        ["response_format", "verbose_json"],
        ["timestamp_granularities[]", "word"],
        ["file", "sound.wav"],
      ],
    });
    expect((await sent({ response_format: "text" }, remote)).fields).toContainEqual([
      "response_format",
      "json",
    ]);
    expect(await sent({ stream: true }, remote)).toMatchObject({ isStreamed: true });
  });

  it.each([
    ["response_format", { response_format: "srt" as const }, /no timestamps.*json or text/],
    ["file", { sound: { container: "webm" as const, pieces: [], durationMs: 500 } }, /wav, mp3, flac/],
    ["file", { sound: { container: "wav" as const, pieces: [], durationMs: 2_049_000 } }, /shorter pieces/],
  ])("refuses what llama-server cannot do, and asks remotes: %s", async (param, call, message) => {
    await expect(sent(call, local)).rejects.toMatchObject({
      status: 400,
      options: { param },
      message: expect.stringMatching(message),
    });
    await expect(sent(call, remote)).resolves.toBeDefined();
  });
});
