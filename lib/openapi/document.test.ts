import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openapiDocument } from "./document.ts";
import { componentSchemas } from "./json-schemas.ts";
import { operations } from "./operations.ts";

const document = openapiDocument();
const text = JSON.stringify(document);

/** What stands in the document at a JSON pointer. */
function at(pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/"))
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);
}

describe("the document", () => {
  it("has what it refers to", () => {
    const references = [...text.matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer = ""]) => pointer);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((pointer) => at(pointer) === undefined)).toEqual([]);
  });

  it("names each operation once", () => {
    const ids = operations.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it("has the parameters of each path", () => {
    for (const { path, params } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      if (named.length > 0) expect(Object.keys(params?.shape ?? {}), path).toEqual(named);
    }
  });

  it("tells nothing that only this project's code reads", () => {
    for (const own of ["secret", "restart", "defaultText", "entry"]) expect(text).not.toContain(`"${own}":`);
  });

  it("says what becomes of a parameter, and which are dropped", () => {
    expect(at("/components/schemas/ChatCompletionRequest/properties/tools")).toMatchObject({
      description: "Passed on to the engine. Functions; at most 128.",
    });
    expect(at("/components/schemas/ChatCompletionRequest")).toMatchObject({
      description: expect.stringContaining("`service_tier`"),
    });
  });

  it("requires what is required", () => {
    expect(at("/components/schemas/ChatCompletionRequest/required")).toEqual(["messages"]);
    expect(at("/components/schemas/CompletionRequest/required")).toEqual(["prompt"]);
  });

  it("knows the codes that a status comes with", () => {
    expect(at("/components/responses/openai-429/content/application~1json/schema/allOf/1")).toMatchObject({
      properties: {
        error: {
          properties: {
            type: { enum: ["rate_limit_error", "insufficient_quota"] },
            code: { enum: ["rate_limit_exceeded", "budget_exceeded"] },
          },
        },
      },
    });
  });
});

describe.each(operations.flatMap(({ id, body }) => (body ? [[id, body] as const] : [])))(
  "%s",
  (_id, body) => {
    it("has an example that it would take", () => {
      // A file cannot stand in a document: its name does.
      const file = new File(["x"], "speech.wav");
      const sent =
        body.mediaType === "multipart/form-data" ? { ...(body.example as object), file } : body.example;
      expect(body.schema.safeParse(sent).error).toBeUndefined();
    });
  },
);

it("refuses two schemas of one name", () => {
  const named = (schema: z.ZodType) => ({ name: "Twice", schema });
  expect(() => componentSchemas([named(z.string()), named(z.number())])).toThrow("Twice");
});
