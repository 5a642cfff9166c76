/** GGUF files that none of our engines runs, although their headers are in order. */

const makesPictures = "makes pictures or films";
const speaks = "speaks, but by another program's format";
const helps = "only helps another model to write faster";

/** By `general.architecture`, as stable-diffusion.cpp, ComfyUI-GGUF, TTS.cpp and llama.cpp's drafts write it. */
const foreign: Readonly<Record<string, string>> = {
  aura: makesPictures,
  cosmos: makesPictures,
  flux: makesPictures,
  hidream: makesPictures,
  hyvid: makesPictures,
  ltxv: makesPictures,
  lumina2: makesPictures,
  qwen_image: makesPictures,
  sd1: makesPictures,
  sd3: makesPictures,
  sdxl: makesPictures,
  wan: makesPictures,
  dia: speaks,
  kokoro: speaks,
  orpheus: speaks,
  "parler-tts": speaks,
  snac: speaks,
  "wavtokenizer-dec": "turns the codes of OuteTTS into sound, for llama-tts alone",
  whisper: "writes down speech, but as a GGUF: take the ggml-*.bin file of the same model",
  dflash: helps,
  eagle3: helps,
  "gemma4-assistant": helps,
};

/** In words why no engine here runs a model of this architecture, or null where llama-server may. */
export function whyNoEngine(architecture: string | null): string | null {
  const what = architecture === null ? undefined : foreign[architecture];
  return what === undefined ? null : `No engine here runs it: it ${what} (${architecture}).`;
}

/** True for models that speak by themselves. */
export function isSpeechArchitecture(architecture: string | null): boolean {
  const what = foreign[architecture ?? ""];
  return what === speaks || architecture === "wavtokenizer-dec";
}
