import { describe, expect, it } from "vitest";
import { crossOriginHeaders, preflightHeaders } from "./cross-origin.ts";

describe("crossOriginHeaders", () => {
  it.each(["GET", "HEAD", "POST", "DELETE"])("lets a page of any origin read an answer to %s", (method) => {
    expect(crossOriginHeaders(method, "https://app.example")).toMatchObject({
      "access-control-allow-origin": preflightHeaders["access-control-allow-origin"],
      "access-control-expose-headers": expect.stringContaining("x-request-id"),
      vary: "origin",
    });
  });

  it("counts an opaque origin, and an empty one, as a page's", () => {
    for (const origin of ["null", ""])
      expect(crossOriginHeaders("POST", origin)).toHaveProperty("access-control-allow-origin", "*");
  });

  it.each([
    ["GET", { vary: "origin" }],
    ["HEAD", { vary: "origin" }],
    ["POST", {}],
    ["DELETE", {}],
  ])("tells caches alone about an answer to %s that is no page's", (method, headers) => {
    for (const origin of [null, undefined]) expect(crossOriginHeaders(method, origin)).toEqual(headers);
  });
});
