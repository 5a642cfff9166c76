/** A Whisper model of whisper.cpp's format for tests: the sizes of a real one, with next to no weights. */

/** Entries of the header, in its order (whisper.cpp, `whisper_model_load`). */
export interface WhisperSizes {
  words: number;
  audioLayers: number;
  textLayers: number;
  mels: number;
  /** `ftype` of ggml. */
  precision: number;
}

const tinyEnglish: WhisperSizes = { words: 51_864, audioLayers: 4, textLayers: 4, mels: 80, precision: 1 };

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

/** Bytes of such a file: each of its tensors holds four numbers. */
export function whisperFile(changes: Partial<WhisperSizes> = {}): Buffer {
  const { words, audioLayers, textLayers, mels, precision } = { ...tinyEnglish, ...changes };
  const header = numbers(
    0x67676d6c,
    words,
    ...[1500, 384, 6, audioLayers],
    ...[448, 384, 6, textLayers, mels, precision],
  );
  const filters = Buffer.concat([numbers(mels, 201), Buffer.alloc(4 * mels * 201)]);
  const vocabulary = Buffer.concat([numbers(3), ...["a", "bc", ""].map(word)]);
  const count = 11 + 15 * audioLayers + 24 * textLayers;
  const tensors = Array.from({ length: count }, (_, index) => tensor(`decoder.weight.${index}`));
  return Buffer.concat([header, filters, vocabulary, ...tensors]);
}

function word(text: string): Buffer {
  return Buffer.concat([numbers(text.length), Buffer.from(text)]);
}

/** Dimensions, length of the name and type stand first. */
function tensor(name: string): Buffer {
  return Buffer.concat([numbers(1, name.length, 0, 4), Buffer.from(name), Buffer.alloc(16)]);
}
