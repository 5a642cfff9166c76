import { describe, expect, it } from "vitest";
import { soundForm, tone } from "../../../tests/harness/transcribe.ts";
import { configSchema } from "../../config/schema.ts";
import { isGatewayError } from "../../errors.ts";
import { readTranscription } from "./call.ts";
import { transcriptionSettings, translationSettings } from "./request.ts";

const secrets = { admin_key: `sk-${"0".repeat(48)}`, session_secret: "0".repeat(64) };
const limits = { ...configSchema.parse({ ...secrets, slots: {} }).limits, audio_mb: 0.1 };

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers, ...{ duplex: "half" } });
}

const read = (request: Request) =>
  readTranscription(request, limits, { task: "transcriptions", settings: transcriptionSettings });

/** As bytes: undici goes on writing a form of its own into a body that was cancelled, and nobody handles that rejection. */
async function postBytes(form: FormData): Promise<Request> {
  const encoded = new Response(form);
  const type = encoded.headers.get("content-type") ?? "";
  return post(await encoded.arrayBuffer(), { "content-type": type });
}

async function refusal(request: Request) {
  try {
    await read(request);
  } catch (error) {
    if (isGatewayError(error)) return { status: error.status, param: error.options.param };
    throw error;
  }
  return { status: 200 };
}

describe("readTranscription", () => {
  it("reads fields as what they stand for and drops what it does not know", async () => {
    const form = soundForm({
      model: "ears",
      temperature: "0.5",
      stream: "True",
      language: "pt-BR",
      prompt: "",
      id_slot: "3",
    });
    form.append("timestamp_granularities[]", "word");
    form.append("timestamp_granularities[]", "segment");
    form.append("response_format", "verbose_json");
    const { call, bodyBytes } = await read(post(form));
    const { sound, ...settings } = call;
    expect(settings).toEqual({
      task: "transcriptions",
      model: "ears",
      temperature: 0.5,
      stream: true,
      language: "pt-BR",
      response_format: "verbose_json",
      timestamp_granularities: ["word", "segment"],
    });
    expect(sound).toMatchObject({ container: "wav", durationMs: 1000 });
    expect(Buffer.concat(sound.pieces).equals(tone())).toBe(true);
    expect(bodyBytes).toBeGreaterThan(tone().length);
  });

  it("knows neither streams nor languages of translations", async () => {
    const form = post(soundForm({ stream: "maybe", language: "de" }));
    const { call } = await readTranscription(form, limits, {
      task: "translations",
      settings: translationSettings,
    });
    expect(call).not.toHaveProperty("stream");
    expect(call).not.toHaveProperty("language");
  });

  it.each([
    ["temperature", { temperature: "warm" }],
    ["temperature", { temperature: "2" }],
    ["temperature", { temperature: "Infinity" }],
    ["temperature", { temperature: "0x1" }],
    ["stream", { stream: "yes, please" }],
    ["response_format", { response_format: "xml" }],
    ["language", { language: "d" }],
    ["language", { language: "de\r\nX: y" }],
    ["prompt", { prompt: "x".repeat(20_001) }],
    ["model", { model: "x".repeat(257) }],
    [
      "timestamp_granularities[0]",
      { "timestamp_granularities[]": "letter", response_format: "verbose_json" },
    ],
    ["timestamp_granularities", { "timestamp_granularities[]": "word" }],
  ])("names %s where that is wrong", async (param, fields) => {
    expect(await refusal(post(soundForm(fields)))).toEqual({ status: 400, param });
  });

  it("asks for a file: a field of that name is none", async () => {
    expect(await refusal(post(soundForm({}, null)))).toEqual({ status: 400, param: "file" });
    expect(await refusal(post(soundForm({ file: "RIFF" }, null)))).toEqual({ status: 400, param: "file" });
  });

  it("refuses what is too large by its stated length, by its bytes, and by its file", async () => {
    const large = soundForm({}, tone(10));
    expect(await refusal(await postBytes(large))).toMatchObject({ status: 413 });
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const type = { "content-type": "multipart/form-data; boundary=x" };
    expect(await refusal(post(endless, type))).toMatchObject({ status: 413 });
    expect(pulled).toBeLessThan(10);
    expect(await refusal(await postBytes(soundForm({}, tone(3.5))))).toMatchObject({ status: 413 });
  });

  it("refuses other types, and takes a body that breaks off for a client that left", async () => {
    expect(await refusal(post("{}", { "content-type": "application/json" }))).toMatchObject({ status: 415 });
    const encoded = { "content-type": "multipart/form-data; boundary=x", "content-encoding": "gzip" };
    expect(await refusal(post("x", encoded))).toMatchObject({ status: 415 });
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const type = { "content-type": "multipart/form-data; boundary=x" };
    expect(await refusal(post(broken, type))).toMatchObject({ status: 499 });
  });
});
