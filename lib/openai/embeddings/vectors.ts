/** Vectors in OpenAI's two forms, and their shortening. */

/** Little-endian 32-bit floats in base64, as OpenAI's SDKs ask for them. */
export function base64FromVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of vector.entries())
    bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString("base64");
}

/** The first numbers of a vector, made as long as one again: what models trained for it are cut by (Matryoshka). */
export function shortened(vector: readonly number[], dimensions: number): number[] {
  const first = vector.slice(0, dimensions);
  const length = Math.hypot(...first);
  return length === 0 ? first : first.map((value) => value / length);
}
