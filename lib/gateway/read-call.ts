/** Stage: the body, read within its limit, parsed and checked. */
import type { z } from "zod";
import { GatewayError, isGatewayError } from "../errors.ts";
import { exceededBound, type TextBounds } from "../json-text.ts";
import { bodyBounds } from "../openai/bounds.ts";
import { wrongValue } from "../wrong-value.ts";
import { clientLeft } from "./forward.ts";
import type { NamedRequest } from "./idempotency/named-request.ts";

const bytesPerMegabyte = 1024 * 1024;

/** Only the first issue is told, so zod may stop at it, as in its own `validate`. `async` keeps its copy of this quick. */
const firstIssueOnly: z.core.ParseContextInternal<z.core.$ZodIssue> = { async: false, abortEarly: true };

/** What an endpoint says of its body. */
interface Readable<Call> {
  schema: z.ZodType<Call>;
  bounds?: TextBounds;
}

/**
 * Reads a JSON body and checks it against the endpoint's schema.
 * @param limitMegabytes `limits.body_mb` of the config
 * @param named takes what the body says
 * @throws GatewayError 400 (with the path of the wrong field), 413, 415, `client_closed`
 */
export async function readCall<Call>(
  request: Request,
  { schema, bounds }: Readable<Call>,
  limitMegabytes: number,
  named: NamedRequest | null = null,
): Promise<{ call: Call; bodyBytes: number }> {
  let text: string;
  try {
    text = await readJsonText(request, limitMegabytes);
  } catch (error) {
    // A body breaks off with its sender's connection: no fault of ours that a log should keep.
    throw isGatewayError(error) ? error : clientLeft(error);
  }
  named?.add(text);
  return { call: parseCall(text, schema, bounds), bodyBytes: Buffer.byteLength(text) };
}

/**
 * Reads a body that says to be JSON, unparsed.
 * @throws GatewayError 413, 415
 */
export function readJsonText(request: Request, limitMegabytes: number): Promise<string> {
  checkHeaders(request.headers);
  const limitBytes = limitMegabytes * bytesPerMegabyte;
  const length = request.headers.get("content-length");
  if (length === null) return readChunks(request, limitBytes);
  if (Number(length) > limitBytes) throw tooLarge(limitBytes);
  return request.text(); // Node's HTTP parser holds the sender to its content-length.
}

function checkHeaders(headers: Headers): void {
  const type = headers.get("content-type");
  if (type !== null && !/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    throw new GatewayError("unsupported_media_type", "Send the body as `Content-Type: application/json`.");
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw new GatewayError("unsupported_media_type", "Send the body without `Content-Encoding`.");
}

async function readChunks(request: Request, limitBytes: number): Promise<string> {
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(limitBytes: number): GatewayError {
  const limit = limitBytes / bytesPerMegabyte;
  return new GatewayError("payload_too_large", `The request body is larger than ${limit} MB.`);
}

/** Parses and checks a JSON text. @throws GatewayError 400 */
export function parseCall<Call>(text: string, schema: z.ZodType<Call>, bounds = bodyBounds): Call {
  const exceeded = exceededBound(text, bounds);
  if (exceeded)
    throw new GatewayError(
      "invalid_request",
      `The request body may have at most ${bounds[exceeded]} ${exceeded}.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = text === "" ? "it is empty" : error instanceof Error ? error.message : "malformed";
    throw new GatewayError("invalid_request", `The request body is not valid JSON: ${reason}.`);
  }
  const parsed = schema.safeParse(value, firstIssueOnly);
  if (parsed.success) return parsed.data;
  const { path, message } = wrongValue(parsed.error);
  throw new GatewayError("invalid_request", message, { param: path || undefined });
}
