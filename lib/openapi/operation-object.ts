/** An operation as OpenAPI writes it. */
import type { z } from "zod";
import { answerHeaders, headerReferences } from "./headers.ts";
import { jsonSchemaOf, referenceTo } from "./json-schemas.ts";
import type { Answer, Body, Events, NamedSchema, Operation } from "./operation.ts";
import { anyRequest, refusalName } from "./refusals.ts";

/** Either will do. */
const keys = [{ bearer: [] }, { apiKey: [] }];

export function operationObject(operation: Operation): object {
  const { id, group, summary, description, access, params, query, headers, body } = operation;
  const parameters = [
    ...parametersOf(params, "path"),
    ...parametersOf(query, "query"),
    ...parametersOf(headers, "header"),
  ];
  return {
    operationId: id,
    tags: [group],
    summary,
    description,
    security: access === "public" ? [] : keys,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyObject(body) }),
    responses: answersOf(operation),
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query" | "header"): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === "object" ? property : {};
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description && { description }),
      schema: rest,
    };
  });
}

function bodyObject({ name, example, isOptional, mediaType = "application/json" }: Body): object {
  return {
    required: !isOptional,
    content: { [mediaType]: { schema: { $ref: referenceTo(name) }, example } },
  };
}

function answersOf({ answers, refusals, dialect, path, access }: Operation): object {
  const headers = headerReferences(access === "public" ? publicHeaders(path) : answerHeaders(dialect));
  const own = answers.map((answer) => [answer.status, answerObject(answer, headers)] as const);
  const taken = answers.map(({ status }) => status);
  const refused = [...anyRequest, ...refusals]
    .filter((status) => !taken.includes(status))
    .map((status) => [status, { $ref: `#/components/responses/${refusalName(dialect, status)}` }] as const);
  return Object.fromEntries([...own, ...refused]);
}

function publicHeaders(path: string): string[] {
  return path === "/openapi.json" ? ["etag"] : [];
}

function answerObject({ description, schema, texts = [], events }: Answer, headers: object): object {
  const content = {
    ...Object.fromEntries(texts.map((mediaType) => [mediaType, { schema: { type: "string" } }])),
    ...(schema && { "application/json": { schema: reference(schema) } }),
    ...(events && { "text/event-stream": { schema: eventSchema(events) } }),
  };
  return { description: `${description}.`, headers, content };
}

/** OpenAPI 3.1 leaves open what the schema of a stream is about: it is read as that of each event, as 3.2 has it. */
function eventSchema({ description, data, end }: Events): object {
  const json = {
    type: "string",
    contentMediaType: "application/json",
    contentSchema: { anyOf: data.map(reference) },
  };
  return {
    description,
    type: "object",
    properties: {
      ...(end === undefined && { event: { type: "string" } }),
      data: end === undefined ? json : { anyOf: [json, { const: end }] },
    },
    required: end === undefined ? ["event", "data"] : ["data"],
  };
}

function reference({ name }: NamedSchema): { $ref: string } {
  return { $ref: referenceTo(name) };
}
