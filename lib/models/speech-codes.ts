/** Words of a vocabulary that stand for pieces of sound: what makes a language model speak. */

/**
 * As Orpheus (`<custom_token_7>`), OuteTTS (`<|7|>`, `<|c1_7|>`), Llasa (`<|s_7|>`), NeuTTS (`<|speech_7|>`), Spark-TTS
 * (`<|bicodec_semantic_7|>`) and others write them. They come by the thousand, one for each sound.
 */
const speechCode =
  /^<\|?(?:custom_token_|audio_|speech_|snac_|s_|c\d_|bicodec_(?:semantic|global)_|speech_token_)?\d+\|?>$/;

/** Fewer are marks of another kind, as for places in an image. */
export const fewestSpeechCodes = 1_024;

const opening = "<".charCodeAt(0);

/** @param word as it stands in the file */
export function isSpeechCode(word: Buffer): boolean {
  return word[0] === opening && speechCode.test(word.toString("latin1"));
}
