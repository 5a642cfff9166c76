/** What a model's files are recognised by, without reading them: any other file has another size or time. */

interface FileState {
  sizeBytes: number;
  modifiedMs: number;
}

/** Of a file or of several in their order, as `98000000@1764000000000`: bytes, and milliseconds since the epoch. */
export function fingerprintOf(files: readonly FileState[]): string {
  return files.map(({ sizeBytes, modifiedMs }) => `${sizeBytes}@${Math.floor(modifiedMs)}`).join(" ");
}

/** True where these files come first among those that the other fingerprint is of. */
export function beginsWith(other: string, fingerprint: string): boolean {
  return other === fingerprint || other.startsWith(`${fingerprint} `);
}
