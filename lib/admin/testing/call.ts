/** Calling a route handler as Next does. */
import { adminKey } from "./services.ts";

type Handler = (request: Request, context: { params: Promise<unknown> }) => Response | Promise<Response>;

export interface CallOptions {
  /** The admin's if absent; null for none. */
  key?: string | null;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  text?: string;
  /** The same, for what is no text. */
  bytes?: Uint8Array<ArrayBuffer>;
  params?: Record<string, string>;
  /** As `lines=5`. */
  query?: string;
  headers?: Record<string, string>;
}

/** Calls the handler; the answer's JSON lies beside its status. Of a file, as a log, it is the text. */
export async function call<Json = Record<string, unknown>>(
  handler: Handler,
  method: string,
  options: CallOptions = {},
): Promise<{ status: number; headers: Headers; json: Json }> {
  const { key = adminKey, params = {}, query = "" } = options;
  const headers = new Headers({ "content-type": "application/json", ...options.headers });
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  const sent = options.text ?? options.bytes;
  const body = sent ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const request = new Request(`http://localhost/admin/api/test?${query}`, { method, headers, body });
  const response = await handler(request, { params: Promise.resolve(params) });
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const json = (isJson ? await response.json() : await response.text()) as Json;
  return { status: response.status, headers: response.headers, json };
}

/** What a refusal says, in short. */
export interface Refusal {
  error: { message: string; type: string; param: string | null; code: string | null };
}
