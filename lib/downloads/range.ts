/** What an answer to a request for the rest of a file means. Pure; RFC 9110, 13.1.5 and 14. */

export interface HaveBytes {
  /** Length of the `.part` file. */
  bytes: number;
  /** What its bytes are the beginning of. */
  etag: string | null;
  /** The whole file's, where known. */
  sizeBytes: number | null;
  hasSum: boolean;
}

export type RangeAnswer =
  /** What comes follows what is there. */
  | { kind: "append" }
  /** What comes is the file from its beginning; `sizeBytes` where the server tells it. */
  | { kind: "anew"; sizeBytes: number | null }
  /** Nothing usable came: what is there must go. */
  | { kind: "discard" }
  /** It is not the file that was asked for. */
  | { kind: "other"; sizeBytes: number };

/**
 * Headers that ask for what is missing; none where the beginning could be another file's: without an ETag only a sum
 * would show it. A weak ETag may not stand in `If-Range`.
 */
export function rangeHeaders({ bytes, etag, hasSum }: HaveBytes): Record<string, string> {
  if (bytes === 0) return {};
  const range = { range: `bytes=${bytes}-` };
  if (isStrong(etag)) return { ...range, "if-range": etag };
  return hasSum ? range : {};
}

/** @param status 200, 206 or 416 */
export function readRange(status: number, headers: Headers, have: HaveBytes): RangeAnswer {
  const total = totalBytes(status, headers);
  if (have.sizeBytes !== null && total !== null && total !== have.sizeBytes)
    return have.hasSum ? { kind: "other", sizeBytes: total } : anewOrDiscard(status, total);
  if (status !== 206) return anewOrDiscard(status, total);
  const etag = headers.get("etag");
  const isSame = !isStrong(have.etag) || etag === null || etag === have.etag;
  return isSame && rangeStart(headers) === have.bytes ? { kind: "append" } : { kind: "discard" };
}

function anewOrDiscard(status: number, total: number | null): RangeAnswer {
  return status === 200 ? { kind: "anew", sizeBytes: total } : { kind: "discard" };
}

/** Of the whole file; null where the server does not tell. */
function totalBytes(status: number, headers: Headers): number | null {
  const text =
    status === 200 ? headers.get("content-length") : /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  const total = Number(text ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : null;
}

function rangeStart(headers: Headers): number | null {
  const start = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return start === undefined ? null : Number(start);
}

function isStrong(etag: string | null): etag is string {
  return etag?.startsWith('"') ?? false;
}
