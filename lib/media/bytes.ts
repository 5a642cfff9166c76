/** Bytes of a medium, read here and there: most of a large one is never looked at. */

/** Up to `length` bytes from `offset` on, fewer at the end; null where they cannot be read. */
export type ReadBytes = (offset: number, length: number) => Buffer | null;

const base64Text = /^[A-Za-z0-9+/]*={0,2}$/;

export function bytesOf(buffer: Buffer): ReadBytes {
  return (offset, length) => buffer.subarray(offset, offset + length);
}

/**
 * Decodes no more of a base64 text than what is asked for. Null where that part of it is no plain base64: engines end at
 * a character that Node would skip or take for another, and would then see another medium than was checked.
 * @param start index of the first character of base64
 */
export function bytesOfBase64(text: string, start = 0): ReadBytes {
  return (offset, length) => {
    const skipped = offset % 3;
    const from = start + ((offset - skipped) / 3) * 4;
    const encoded = text.slice(from, from + Math.ceil((skipped + length) / 3) * 4);
    if (!base64Text.test(encoded)) return null;
    return Buffer.from(encoded, "base64").subarray(skipped, skipped + length);
  };
}
