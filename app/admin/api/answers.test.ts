/** Answers about people and backups are as `/openapi.json` describes them. */
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { accountCalls } from "@/lib/admin/testing/successful-calls/accounts.ts";
import type { SuccessfulCall } from "@/lib/admin/testing/successful-calls/call.ts";
import type { Operation } from "@/lib/openapi/operation.ts";
import { backupOperations } from "@/lib/openapi/paths/admin-backups.ts";
import { configOperations } from "@/lib/openapi/paths/admin-config.ts";
import { peopleOperations } from "@/lib/openapi/paths/admin-people.ts";
import { userOperations } from "@/lib/openapi/paths/admin-users.ts";
import { signupOperations } from "@/lib/openapi/paths/signups.ts";
import { expectConforms } from "@/tests/harness/conforms.ts";

const app = path.resolve(import.meta.dirname, "../..");
const all = [
  ...peopleOperations,
  ...userOperations,
  ...signupOperations,
  ...backupOperations,
  ...configOperations,
];
/** `askForTier` answers as `signUp` does. */
const told = all.filter(({ id, answers }) => answers[0]?.schema && id !== "askForTier");

let services: AdminServices;
let userId: string;
beforeAll(async () => {
  services = await openServices();
  for (const operation of told.filter(({ method }) => method !== "get")) await send(operation);
  const { id } = await services.createUser("looked-at@example.org");
  userId = String(id);
});
afterAll(() => services.close());

let next = 1;
const asked: Record<string, () => SuccessfulCall> = {
  signUp: () => ({ body: { email: `asks-${next++}@example.org` } }),
};

const lookUp = (): SuccessfulCall => ({ params: { id: userId } });

async function send({ id, method, path: route }: Operation): Promise<unknown> {
  const prepare = accountCalls[id] ?? asked[id] ?? lookUp;
  const file = `${route.replaceAll(/\{(\w+)\}/g, "[$1]")}/route.ts`;
  const handler = (await import(path.join(app, file)))[method.toUpperCase()];
  const { params, body } = await prepare(services);
  const { status, json } = await call(handler, method.toUpperCase(), { params, body });
  expect(status, JSON.stringify(json)).toBeLessThan(300);
  return json;
}

it.each(told.map((operation) => [operation.id, operation] as const))("%s", async (_, operation) => {
  const schema = operation.answers[0]?.schema;
  if (schema) expectConforms(schema.schema, await send(operation));
});
