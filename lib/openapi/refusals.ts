/** The refusals as answers: one for each status and each way to write it, made from the codes in lib/errors.ts. */
import { anthropicErrors } from "../anthropic/errors.ts";
import { type ErrorCode, errorBody, errorCodes, GatewayError } from "../errors.ts";
import { anthropicErrorAnswer, openaiErrorAnswer } from "./answers/errors.ts";
import { headerReferences, headers, refusalHeaders } from "./headers.ts";
import { referenceTo } from "./json-schemas.ts";
import type { Dialect, NamedSchema } from "./operation.ts";

const dialects: readonly Dialect[] = ["openai", "anthropic", "admin"];

/** What is no request that anything could answer is refused before any endpoint. */
export const anyRequest: readonly number[] = [400, 408, 431, 500, 503];

const meanings: Readonly<Record<number, string>> = {
  400: "The request is malformed, or asks for what this model cannot do; `param` names the field.",
  401: "The API key is missing, malformed, unknown, expired or revoked.",
  402: "The balance cannot cover the request.",
  403: "The account is disabled, or may not do this.",
  404: "It is not here.",
  405: "The path does not have this method.",
  408: "The request took too long to arrive.",
  409: "It does not fit the present state.",
  413: "The body is larger than allowed.",
  415: "The body is not of a type that is taken here.",
  422: "It was understood, and cannot be done.",
  429: "A limit is reached.",
  431: "The headers are too large.",
  500: "The gateway failed.",
  502: "The engine failed, or broke off.",
  503: "It cannot be done now: no engine, no turn, a full disk, or the gateway starts or stops.",
  504: "The engine showed no sign of life for too long.",
};

const errorSchemas: Record<Dialect, NamedSchema> = {
  openai: { name: "Error", schema: openaiErrorAnswer },
  anthropic: { name: "AnthropicError", schema: anthropicErrorAnswer },
  admin: { name: "Error", schema: openaiErrorAnswer },
};

export const refusalSchemas: readonly NamedSchema[] = Object.values(errorSchemas);

/** The name of a refusal among the document's answers. */
export function refusalName(dialect: Dialect, status: number): string {
  return `${dialect}-${status}`;
}

/** Every refusal that an operation may refer to, by its name. */
export function refusalAnswers(): Record<string, object> {
  const answers: Record<string, object> = {};
  for (const status of Object.keys(meanings).map(Number))
    for (const dialect of dialects)
      answers[refusalName(dialect, status)] = {
        description: meanings[status],
        headers: {
          ...headerReferences(refusalHeaders(dialect, status)),
          ...(status === 503 && { "retry-after": { ...headers["retry-after"], required: true } }),
        },
        content: { "application/json": { schema: refusalSchema(dialect, status) } },
      };
  return answers;
}

/** The error's shape, with the types and codes that this status can have. */
function refusalSchema(dialect: Dialect, status: number): object {
  const codes = errorCodes.filter((code) => new GatewayError(code, "").status === status);
  const member = dialect === "anthropic" ? anthropicMember(codes) : openaiMember(codes);
  return {
    allOf: [
      { $ref: referenceTo(errorSchemas[dialect].name) },
      { type: "object", properties: { error: { type: "object", properties: member } } },
    ],
  };
}

function openaiMember(codes: readonly ErrorCode[]): object {
  const bodies = codes.map((code) => errorBody(new GatewayError(code, "")).error);
  return { type: oneOf(bodies.map(({ type }) => type)), code: oneOf(bodies.map(({ code }) => code)) };
}

function anthropicMember(codes: readonly ErrorCode[]): object {
  const bodies = codes.map((code) => anthropicErrors.body(new GatewayError(code, ""), ""));
  return { type: oneOf(bodies.map((body) => anthropicErrorAnswer.parse(body).error.type)) };
}

function oneOf(values: readonly (string | null)[]): { enum: (string | null)[] } {
  return { enum: [...new Set(values)] };
}
