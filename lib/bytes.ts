/** Sizes that people read. */
export const bytesPerMegabyte = 1024 ** 2;
export const bytesPerGigabyte = 1024 ** 3;

/** As "640 MB" or "4.7 GB". */
export function inWords(bytes: number): string {
  return bytes < bytesPerGigabyte
    ? `${Math.round(bytes / bytesPerMegabyte)} MB`
    : `${(bytes / bytesPerGigabyte).toFixed(1)} GB`;
}
