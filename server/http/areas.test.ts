import { describe, expect, it } from "vitest";
import { isPortalApi, isV1 } from "./areas.ts";

describe("a request target's area", () => {
  it.each(["/v1", "/v1/", "/v1?x", "/v1/models?x=/api"])("%s is of OpenAI's API", (target) => {
    expect([isV1(target), isPortalApi(target)]).toEqual([true, false]);
  });

  it.each(["/api", "/api/models", "/admin/api/users?x", "/admin/api", "/user/api/"])(
    "%s is of the portal's API",
    (target) => {
      expect([isV1(target), isPortalApi(target)]).toEqual([false, true]);
    },
  );

  it.each(["/", "/v1x", "/v10/models", "/apis", "/admin", "/admin/apikeys", "/x/v1", "/x?/v1", ""])(
    "%s is of neither",
    (target) => {
      expect([isV1(target), isPortalApi(target)]).toEqual([false, false]);
    },
  );
});
