/** Every endpoint is in the document, and the document has no other. Routes are found, so that none can be forgotten. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { operations } from "./operations.ts";

type Handler = (request: Request, context: { params: Promise<unknown> }) => Response | Promise<Response>;

const app = path.resolve(import.meta.dirname, "../../app");
/** A preflight is the browser's own question, and HEAD a GET. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const files = readdirSync(app, { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "route.ts")
  .map((file) => file.split(path.sep).join("/"));

/** As `GET /v1/models/{id}`. */
async function endpointsOf(file: string): Promise<string[]> {
  const handlers: Record<string, Handler> = await import(path.join(app, file));
  const route = `/${path.posix.dirname(file)}`.replaceAll(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
  const found = [];
  for (const method of methods) {
    const handler = handlers[method];
    if (handler && !(await refuses(handler, method, file))) found.push(`${method} ${route}`);
  }
  return found;
}

/** A handler that only says that there is nothing here says so to anybody, even while the gateway starts. */
async function refuses(handler: Handler, method: string, file: string): Promise<boolean> {
  const params = { id: file.includes("[...id]") ? ["x"] : "x", slot: "1", version: "0", file: "x" };
  try {
    const { status } = await handler(new Request("http://localhost/", { method }), {
      params: Promise.resolve(params),
    });
    return status === 404 || status === 405;
  } catch {
    return false; // It has got as far as the services, which are not there.
  }
}

it("finds the routes", () => {
  expect(files).toEqual(expect.arrayContaining(["v1/chat/completions/route.ts", "admin/api/users/route.ts"]));
});

it("has every operation of every route", async () => {
  const routes = files.filter((file) => !file.includes("[...path]"));
  const found = (await Promise.all(routes.map(endpointsOf))).flat();
  const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(found.toSorted()).toEqual(documented.toSorted());
});
