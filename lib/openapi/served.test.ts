import { describe, expect, it } from "vitest";
import { openapiResponse } from "./served.ts";

const ask = (headers: Record<string, string> = {}) =>
  openapiResponse(new Request("http://localhost/openapi.json", { headers }));

describe("openapiResponse", () => {
  it("gives the document, to any page", async () => {
    const answer = ask();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.json()).toMatchObject({ openapi: "3.1.0", servers: [{ url: "/" }] });
  });

  it("gives the same text each time", async () => {
    expect(await ask().text()).toBe(await ask().text());
  });

  it("answers 304 to who has it already", async () => {
    const etag = ask().headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const answer = ask({ "if-none-match": condition });
      expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([304, etag, ""]);
    }
    for (const condition of ['"other"', "", etag.slice(1)])
      expect(ask({ "if-none-match": condition }).status).toBe(200);
  });
});
