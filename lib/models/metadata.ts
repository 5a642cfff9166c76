/** Reading values of a GGUF header's metadata, which may be of any type whatever its key promises. */

export type Metadata = Readonly<Record<string, unknown>>;

/** Some keys hold one number a layer: the first that is not zero stands for them. */
export function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return numberIn(value.find((entry) => Number(entry) > 0));
  return null;
}

/** A text with anything but blanks in it, without those around it. */
export function textIn(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

/** One number for each layer, from a list of them or from one number that stands for all. */
export function numbersPerLayer(value: unknown, layers: number): number[] | null {
  if (Array.isArray(value)) {
    const listed = value.slice(0, layers).map((entry) => numberIn(entry) ?? 0);
    return listed.length === layers ? listed : null;
  }
  const one = numberIn(value);
  return one === null ? null : new Array<number>(layers).fill(one);
}

/** How many entries a list has, also where gguf-header.ts kept no more of it than that. */
export function lengthOf(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("length" in value)) return null;
  return typeof value.length === "number" ? value.length : null;
}

/** The texts of a list. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
