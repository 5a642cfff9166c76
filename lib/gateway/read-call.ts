/** Stage: the body, read within its limit, parsed and checked. */
import type { z } from "zod";
import { bytesPerMegabyte } from "../bytes.ts";
import { GatewayError, isGatewayError } from "../errors.ts";
import { exceededBound, type TextBounds } from "../json-text.ts";
import { bodyBounds } from "../openai/bounds.ts";
import { wrongValue } from "../wrong-value.ts";
import { clientLeft } from "./forward.ts";
import type { NamedRequest } from "./idempotency/named-request.ts";

/** Only the first issue is told, so zod may stop at it, as in its own `validate`. `async` keeps its copy of this quick. */
const firstIssueOnly: z.core.ParseContextInternal<z.core.$ZodIssue> = { async: false, abortEarly: true };

/** A request's body, read and checked. */
export interface ReadCall<Call> {
  call: Call;
  /** Of the body, as it came. */
  bodyBytes: number;
}

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
): Promise<ReadCall<Call>> {
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
  checkMediaType(request.headers, /^application\/(?:[\w.-]+\+)?json\b/i, "application/json");
  const limitBytes = limitMegabytes * bytesPerMegabyte;
  const length = request.headers.get("content-length");
  if (length === null)
    return readBytes(request, limitBytes, limitMegabytes).then((bytes) => bytes.toString("utf8"));
  if (Number(length) > limitBytes) throw tooLarge(limitMegabytes);
  return request.text(); // Node's HTTP parser holds the sender to its content-length.
}

/** @throws GatewayError 415 for a body of another type, or one that is compressed */
export function checkMediaType(headers: Headers, wanted: RegExp, name: string): void {
  const type = headers.get("content-type");
  if (type !== null && !wanted.test(type))
    throw new GatewayError("unsupported_media_type", `Send the body as \`Content-Type: ${name}\`.`);
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw new GatewayError("unsupported_media_type", "Send the body without `Content-Encoding`.");
}

/**
 * The bytes of a body.
 * @param limitMegabytes what an error says
 * @throws GatewayError 413 as soon as there are too many
 */
export async function readBytes(
  request: Request,
  limitBytes: number,
  limitMegabytes: number,
): Promise<Buffer> {
  if (Number(request.headers.get("content-length")) > limitBytes) throw tooLarge(limitMegabytes);
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw tooLarge(limitMegabytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(limitMegabytes: number): GatewayError {
  return new GatewayError("payload_too_large", `The request body is larger than ${limitMegabytes} MB.`);
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
  return checkCall(value, schema);
}

/** Checks what was read. @throws GatewayError 400 with the path of the first wrong field */
export function checkCall<Call>(value: unknown, schema: z.ZodType<Call>): Call {
  const parsed = schema.safeParse(value, firstIssueOnly);
  if (parsed.success) return parsed.data;
  const { path, message } = wrongValue(parsed.error);
  throw new GatewayError("invalid_request", message, { param: path || undefined });
}
