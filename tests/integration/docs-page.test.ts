/** `/docs` and `/openapi.json` as a browser gets them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerPaths } from "../../lib/openapi/viewer-paths.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => gateway?.[Symbol.asyncDispose]());

const manual = { redirect: "manual" } as const;

test("the page needs nothing from other hosts", async () => {
  const page = await gateway.fetch("/docs");
  expect(page.status).toBe(200);
  const html = await page.text();
  expect(html).toContain(viewerPaths.style);
  const addresses = [...html.matchAll(/(?:src|href)=\\?"([^"\\]+)/g)].map(([, address = ""]) => address);
  expect(addresses.length).toBeGreaterThan(5);
  expect(addresses.filter((address) => !address.startsWith("/") || address.startsWith("//"))).toEqual([]);
});

test.each(Object.values(viewerPaths))("the gateway has %s itself", async (path) => {
  const file = await gateway.fetch(path);
  expect(file.status).toBe(200);
  expect(file.headers.get("cache-control")).toContain("immutable");
});

test("nothing else of the viewer's package is served", async () => {
  const folder = viewerPaths.script.slice(0, viewerPaths.script.lastIndexOf("/"));
  for (const file of ["package.json", "..%2Fpackage.json", "%2e%2e%2f%2e%2e%2fzod%2fpackage.json"])
    expect((await gateway.fetch(`${folder}/${file}`, manual)).status).toBe(404);
});

test("the document is had by GET alone, by any page, and not twice", async () => {
  const answer = await gateway.fetch("/openapi.json");
  const etag = answer.headers.get("etag") ?? "";
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(await answer.json()).toMatchObject({ openapi: "3.1.0" });
  const head = await gateway.fetch("/openapi.json", { method: "HEAD" });
  expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
  const known = await gateway.fetch("/openapi.json", { headers: { "if-none-match": etag } });
  expect(known.status).toBe(304);
  const slash = await gateway.fetch("/openapi.json/", manual);
  expect([slash.status, slash.headers.get("location")]).toEqual([308, "/openapi.json"]);
  const post = await gateway.fetch("/openapi.json", { method: "POST" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});
