/** What an admin request carries, checked. */
import { z } from "zod";
import { GatewayError } from "../errors.ts";
import { parseCall, readJsonText } from "../gateway/read-call.ts";
import { nestsTooDeep } from "../json-text.ts";
import { wrongValue } from "../wrong-value.ts";

const bodyLimitMegabytes = 1;

/**
 * The JSON body; an absent one counts as `{}`, so that the schema says what is missing. Undefined without a schema.
 * @throws GatewayError 400 with the path of the wrong field, 413, 415
 */
export async function readBody<Body>(request: Request, schema: z.ZodType<Body> | undefined): Promise<Body> {
  if (!schema) return undefined as Body;
  const text = await readJsonText(request, bodyLimitMegabytes);
  if (nestsTooDeep(text)) throw new GatewayError("invalid_request", "The request body is nested too deep.");
  return parseCall(text === "" ? "{}" : text, withoutProto.pipe(schema));
}

/**
 * zod drops members of this name without a word, so that records would lose what a client has put into them: all presets
 * of a model would be deleted by one that has it.
 */
const withoutProto = z.unknown().superRefine((value, context) => {
  const path = pathOfProto(value);
  if (path) context.addIssue({ code: "custom", path, message: "is a name that nothing can have" });
});

/** Where a value, which is not nested deep, has such a member; null where nothing has. */
function pathOfProto(value: unknown): string[] | null {
  if (typeof value !== "object" || value === null) return null;
  if (Object.hasOwn(value, "__proto__")) return ["__proto__"];
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOfProto(inner);
    if (path) return [key, ...path];
  }
  return null;
}

/** The path's parameters. Undefined without a schema. @throws GatewayError 400 */
export function readParams<Params>(params: unknown, schema: z.ZodType<Params> | undefined): Params {
  return schema ? check(params, schema) : (undefined as Params);
}

const noQuery = z.strictObject({}).transform(() => undefined);

/**
 * The query; of a repeated parameter the last one counts. Undefined without a schema: then there may be none.
 * @throws GatewayError 400
 */
export function readQuery<Query>(
  url: string,
  schema: z.ZodType<Query> = noQuery as unknown as z.ZodType<Query>,
): Query {
  return check(Object.fromEntries(new URL(url).searchParams), schema);
}

function check<Value>(value: unknown, schema: z.ZodType<Value>): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = wrongValue(parsed.error);
  throw new GatewayError("invalid_request", message, { param: path || undefined });
}
