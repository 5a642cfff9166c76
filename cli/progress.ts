/** What happens meanwhile, on one line of a terminal; elsewhere nothing, as logs would fill with it. */
import { bytes, duration } from "./output.ts";

const barWidth = 24;

/** Writes over the line that was there. */
export function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
}

/** Leaves the line empty for what comes next. */
export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

export interface Transfer {
  doneBytes: number;
  /** Null until it is known. */
  sizeBytes: number | null;
  bytesPerS: number | null;
  etaS: number | null;
}

/** As `[#####-------] 42 %  1.2 GB of 2.9 GB  31 MB/s  55 s left`. */
export function progressBar({ doneBytes, sizeBytes, bytesPerS, etaS }: Transfer): string {
  const share = sizeBytes ? Math.min(1, doneBytes / sizeBytes) : 0;
  const full = Math.round(share * barWidth);
  const parts = [
    `[${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${Math.floor(share * 100)} %`,
    sizeBytes === null ? bytes(doneBytes) : `${bytes(doneBytes)} of ${bytes(sizeBytes)}`,
  ];
  if (bytesPerS !== null) parts.push(`${bytes(bytesPerS)}/s`);
  if (etaS !== null) parts.push(`${duration(etaS)} left`);
  return parts.join("  ");
}
