/**
 * Reads `multipart/form-data` (RFC 7578) out of bytes that are there. The platform's own parser copies a file twice: for
 * one of 100 MB the whole process stood still for most of a second. This one only looks for the boundaries.
 */
import { GatewayError } from "../errors.ts";

/** One part; its bytes share the body's memory. */
export interface FormPart {
  name: string;
  /** Null where the part is no file. */
  filename: string | null;
  bytes: Buffer;
}

/** More than any client here has a use for. */
const maxParts = 64;
const maxHeadBytes = 8 * 1024;

const lineEnd = Buffer.from("\r\n");
const headEnd = Buffer.from("\r\n\r\n");

/**
 * The parts of a body, in order.
 * @param contentType the header that names the boundary
 * @throws GatewayError 400 where it is no form, or has more than 64 parts
 */
export function parseForm(body: Buffer, contentType: string): FormPart[] {
  const boundary = boundaryOf(contentType);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: FormPart[] = [];
  // The first boundary may be the very beginning.
  let at = body.indexOf(delimiter.subarray(2));
  if (at === -1) throw malformed("it has no boundary");
  at += delimiter.length - 2;
  while (!isClosing(body, at)) {
    if (parts.length === maxParts) throw malformed(`it has more than ${maxParts} parts`);
    const headStart = lineStart(body, at);
    const end = body.indexOf(delimiter, headStart - lineEnd.length);
    if (end === -1) throw malformed("it ends within a part");
    parts.push(readPart(body.subarray(headStart, end)));
    at = end + delimiter.length;
  }
  return parts;
}

function boundaryOf(contentType: string): string {
  const found = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw malformed("its `Content-Type` names no boundary");
  return boundary;
}

/** Two dashes behind a boundary end the form. */
function isClosing(body: Buffer, at: number): boolean {
  return body[at] === 0x2d && body[at + 1] === 0x2d;
}

/** Behind a boundary there may be blanks, then a line ends. */
function lineStart(body: Buffer, at: number): number {
  let index = at;
  while (body[index] === 0x20 || body[index] === 0x09) index++;
  if (body[index] !== 0x0d || body[index + 1] !== 0x0a) throw malformed("a boundary does not end its line");
  return index + lineEnd.length;
}

function readPart(part: Buffer): FormPart {
  const end = part.subarray(0, maxHeadBytes).indexOf(headEnd);
  if (end === -1) throw malformed("a part has no head");
  const disposition = /^content-disposition:(.*)$/im.exec(part.toString("utf8", 0, end))?.[1] ?? "";
  const name = parameterOf(disposition, "name");
  if (name === null) throw malformed("a part has no name");
  const filename = parameterOf(disposition, "filename") ?? parameterOf(disposition, "filename*");
  return { name, filename, bytes: part.subarray(end + headEnd.length) };
}

/** Browsers write quotes within a name as `%22`, others as `\"`: neither is in a name that anybody here asks for. */
function parameterOf(disposition: string, name: string): string | null {
  for (const [, key = "", quoted, plain] of disposition.matchAll(
    /;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g,
  ))
    if (key.toLowerCase() === name) return quoted ?? plain ?? "";
  return null;
}

function malformed(why: string): GatewayError {
  return new GatewayError("invalid_request", `The request body is not valid multipart/form-data: ${why}.`);
}
