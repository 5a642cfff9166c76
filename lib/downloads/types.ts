/** Downloads of models as the admin API sees them. `server/downloads` implements them. */

export const downloadStatuses = [
  "queued",
  "running",
  "paused",
  "verifying",
  "done",
  "failed",
  "cancelled",
] as const;
export type DownloadStatus = (typeof downloadStatuses)[number];

/** What an admin asks for. */
export type DownloadOrder =
  | {
      repoId: string;
      /** Path of a GGUF file in the repository; of a split model any part. */
      filename: string;
      /** Branch, tag or commit; absent: `main`. */
      revision?: string | undefined;
      /** Whether the matching projector comes along. */
      projector: boolean;
    }
  | {
      /** https; of a file's page on the hub, too. */
      url: string;
      /** Hexadecimal, where the publisher tells it. */
      sha256?: string | undefined;
      projector: boolean;
    };

export interface DownloadFileSnapshot {
  /** Below the models folder, with `/` between the parts. */
  path: string;
  /** Null until the server has told it. */
  sizeBytes: number | null;
  doneBytes: number;
  /** Hexadecimal; null where nobody tells it: then the size alone is checked. */
  sha256: string | null;
  /** Verified. It is visible under its name when all files of the download are. */
  done: boolean;
}

export interface DownloadSnapshot {
  id: number;
  source: "hub" | "url";
  repoId: string | null;
  /** The commit that the files are of. */
  revision: string | null;
  /** Without its query, which may hold a signature. */
  url: string | null;
  name: string;
  status: DownloadStatus;
  /** Why it failed or waits, in words; the last trouble while it tries again. */
  error: string | null;
  files: DownloadFileSnapshot[];
  /** Of all files; null while one is unknown. */
  sizeBytes: number | null;
  doneBytes: number;
  /** Smoothed; null while nothing is transferred. */
  bytesPerS: number | null;
  /** Seconds left; null where unknown. */
  etaS: number | null;
  createdAtMs: number;
  finishedAtMs: number | null;
}

export type DownloadEvent = { kind: "changed"; download: DownloadSnapshot } | { kind: "removed"; id: number };

export interface Downloads {
  /** Every download that is not forgotten, the newest first. */
  list(): DownloadSnapshot[];
  /**
   * Starts a download, or gives the one that already has these files, which goes on if it was paused or has failed. Files that are here already are not fetched again.
   * @throws GatewayError 400 for a name that cannot be a file here, or an address that is not public; 409 where there
   * is no space, or another download writes the same file; and what the hub refuses
   */
  add(order: DownloadOrder): Promise<DownloadSnapshot>;
  /** @throws GatewayError 404; 409 where it has ended */
  pause(id: number): Promise<DownloadSnapshot>;
  /** Goes on after a pause. @throws GatewayError 404; 409 where it is not paused */
  continue(id: number): Promise<DownloadSnapshot>;
  /** Goes on after a failure, with what is there. @throws GatewayError 404; 409 where it has not failed */
  retry(id: number): Promise<DownloadSnapshot>;
  /** Cancels it and removes what is unfinished; forgets one that has ended. @throws GatewayError 404 */
  remove(id: number): Promise<DownloadSnapshot>;
  /** Tells each change of a status at once, and progress a few times a second. Returns a function that stops it. */
  subscribe(listener: (event: DownloadEvent) => void): () => void;
}
