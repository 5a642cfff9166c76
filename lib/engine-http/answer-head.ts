/** The head of an engine's answer: its status, and what its headers say of the body and the connection. */

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r)/;
/** The headers that matter, found in one pass; and a line that continues the one before, which HTTP no longer has. */
const ownHeader =
  /\r\n(?:(transfer-encoding|content-length|connection|keep-alive)[ \t]*:[ \t]*([^\r]*)|[ \t])/gi;
const keepAliveTimeout = /\btimeout=(\d{1,6})/;

/** Thrown for what is no answer by HTTP/1.1. */
export class MalformedAnswerError extends Error {
  override readonly name = "MalformedAnswerError";
}

/** Of a header that comes twice, both values. */
export interface AnswerHead {
  status: number;
  /** Whether a further request may follow on this connection. */
  keepsAlive: boolean;
  keepAliveMs: number | null;
  /** `Transfer-Encoding`, in lower case. */
  encoding: string | undefined;
  /** `Content-Length`. */
  length: string | undefined;
}

/**
 * @param head up to and with the line end of its last header
 * @throws MalformedAnswerError
 */
export function parseHead(head: string): AnswerHead {
  const [, minor, code] = statusLine.exec(head) ?? [];
  if (code === undefined) throw new MalformedAnswerError("The answer does not begin with a status line.");
  let encoding: string | undefined;
  let length: string | undefined;
  let connection = "";
  let keepAliveMs: number | null = null;
  ownHeader.lastIndex = 0;
  for (let found = ownHeader.exec(head); found; found = ownHeader.exec(head)) {
    const [, name, text = ""] = found;
    if (name === undefined) throw new MalformedAnswerError("The head of the answer has a folded line.");
    const value = text.trimEnd().toLowerCase();
    switch (name.toLowerCase()) {
      case "transfer-encoding":
        encoding = joined(encoding, value);
        break;
      case "content-length":
        length = joined(length, value);
        break;
      case "connection":
        connection += `${value},`;
        break;
      default:
        keepAliveMs = timeoutOf(value);
    }
  }
  const keepsAlive = minor === "1" && !connection.includes("close");
  return { status: Number(code), keepsAlive, keepAliveMs, encoding, length };
}

function joined(values: string | undefined, value: string): string {
  return values === undefined ? value : `${values}, ${value}`;
}

function timeoutOf(value: string): number | null {
  const timeoutS = keepAliveTimeout.exec(value)?.[1];
  return timeoutS === undefined ? null : Number(timeoutS) * 1000;
}
