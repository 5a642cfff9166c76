/** The OpenAPI 3.1 document, made of the schemas that requests are checked with. */
import manifest from "../../package.json" with { type: "json" };
import { headers } from "./headers.ts";
import { componentSchemas } from "./json-schemas.ts";
import { groups, type NamedSchema, type Operation } from "./operation.ts";
import { operationObject } from "./operation-object.ts";
import { operations } from "./operations.ts";
import { refusalAnswers, refusalSchemas } from "./refusals.ts";

const introduction = `Local models behind one address, for clients of OpenAI's and of Anthropic's API.

A key goes into \`Authorization: Bearer\` or into \`x-api-key\`. Every path works with a slash at its end, too. What is no
valid HTTP is refused before any operation, and so is a method that a path does not have (405, with \`Allow\`).

Answers may get further members in later versions. What a remote engine answers in one piece is passed on as it is.`;

/** The whole document. */
export function openapiDocument(): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: {
      title: "LLM Gateway",
      version: manifest.version,
      summary: manifest.description,
      description: introduction,
      license: { name: manifest.license, identifier: manifest.license },
    },
    servers: [{ url: "/", description: "The gateway that this document comes from" }],
    tags: Object.entries(groups).map(([name, description]) => ({ name, description })),
    paths: pathsOf(operations),
    components: {
      schemas: componentSchemas([...refusalSchemas, ...operations.flatMap(schemasOf)]),
      responses: refusalAnswers(),
      headers,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key, as OpenAI's clients send it" },
        apiKey: {
          type: "apiKey",
          in: "header",
          name: "x-api-key",
          description: "The same key, as Anthropic's clients send it",
        },
      },
    },
  };
}

function pathsOf(all: readonly Operation[]): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of all) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method]: operationObject(operation) };
  }
  return paths;
}

function schemasOf({ body, answers }: Operation): NamedSchema[] {
  const answered = answers.flatMap(({ schema, events }) => [schema, ...(events?.data ?? [])]);
  return [body, ...answered].filter((schema) => schema !== undefined);
}
