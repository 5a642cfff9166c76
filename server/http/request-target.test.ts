import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { targetFault } from "./request-target.ts";

describe("targetFault", () => {
  it.each([
    "/",
    "/v1/models",
    "/v1/models/org%2Fname%20x",
    "/v1/models/?q=//\\",
    "/admin/api/users/%25ZZ",
    "/a?q=%ZZ",
    "/%E2%82%AC?",
    "//host/x",
    "/models//x",
  ])("takes %s", (target) => {
    expect(targetFault(target)).toBe(null);
  });

  it.each(["", "*", "?x", "http://127.0.0.1/", "host:80", "\\"])(
    "refuses %s, which begins without a slash",
    (target) => {
      expect(targetFault(target)).toMatchObject({
        status: 400,
        message: expect.stringContaining("begin with a slash"),
      });
    },
  );

  it.each([
    "/%",
    "/%4",
    "/%ZZ",
    "/admin/api/users/%FF",
    "/%C3%28",
    "/%ED%A0%80",
    "/%E0%A4%A",
    "/%ZZ?q=1",
    "/a%/",
  ])("refuses %s, which cannot be decoded", (target) => {
    expect(targetFault(target)).toMatchObject({ status: 400, message: expect.stringContaining("not valid") });
  });

  it.each([
    "//v1/chat/completions",
    "/v1//models",
    "/v1/models//?x",
    "/admin//api/users",
    "/admin/api/users//",
    "/user/api//me",
    "/api\\models",
    "/\\api/models",
  ])("finds no part of an API at %s, where Next would redirect", (target) => {
    expect(targetFault(target)).toMatchObject({ status: 404, code: "unknown_url" });
  });

  it("takes whatever a client has encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        expect(targetFault(`/v1/models/x${encodeURIComponent(name)}`)).toBe(null);
      }),
    );
  });
});
