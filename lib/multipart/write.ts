/** Writes a form with one file as `multipart/form-data` (RFC 7578). */
import { randomBytes } from "node:crypto";

/** The pieces of a body, in order: a file of 100 MB is not copied for it. */
export interface WrittenForm {
  contentType: string;
  pieces: readonly Uint8Array[];
}

export interface FormFile {
  name: string;
  filename: string;
  pieces: readonly Uint8Array[];
}

/**
 * @param fields names and values; what is undefined is left out
 * @param file comes last; its names are the gateway's own and need no escaping
 */
export function writeForm(
  fields: readonly (readonly [string, string | undefined])[],
  file: FormFile,
): WrittenForm {
  // Nobody can guess it, so no value can end its part early.
  const boundary = randomBytes(24).toString("hex");
  let head = "";
  for (const [name, value] of fields)
    if (value !== undefined)
      head += `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  head += `--${boundary}\r\ncontent-disposition: form-data; name="${file.name}"; filename="${file.filename}"\r\n`;
  head += "content-type: application/octet-stream\r\n\r\n";
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    pieces: [Buffer.from(head), ...file.pieces, Buffer.from(`\r\n--${boundary}--\r\n`)],
  };
}
