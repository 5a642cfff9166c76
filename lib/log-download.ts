/** A log as a file to take away. */
export interface LogDownload {
  sizeBytes: number;
  /** Oldest first. */
  stream: ReadableStream<Uint8Array>;
}
