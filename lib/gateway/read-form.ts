/** Stage: a body that is a form with a file, read within its limit. */
import { bytesPerMegabyte } from "../bytes.ts";
import { isGatewayError } from "../errors.ts";
import { type FormPart, parseForm } from "../multipart/parse.ts";
import { clientLeft } from "./forward.ts";
import { checkMediaType, readBytes } from "./read-call.ts";

/** For everything in a form but its file. */
const fieldsBytes = 64 * 1024;

export interface ReadForm {
  parts: FormPart[];
  bodyBytes: number;
}

/**
 * Reads `multipart/form-data`. What is too large is refused as soon as that is known, whether or not the sender said so.
 * @param limitMegabytes of the file
 * @throws GatewayError 400, 413, 415, `client_closed`
 */
export async function readForm(request: Request, limitMegabytes: number): Promise<ReadForm> {
  const contentType = request.headers.get("content-type") ?? "";
  checkMediaType(request.headers, /^multipart\/form-data\b/i, "multipart/form-data");
  let body: Buffer;
  try {
    body = await readBytes(request, limitMegabytes * bytesPerMegabyte + fieldsBytes, limitMegabytes);
  } catch (error) {
    // It breaks off with its sender's connection: no fault of ours that a log should keep.
    throw isGatewayError(error) ? error : clientLeft(error);
  }
  return { parts: parseForm(body, contentType), bodyBytes: body.length };
}
