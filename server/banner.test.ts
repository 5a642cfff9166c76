import { expect, it } from "vitest";
import { banner } from "./banner.ts";

const environment = { host: "127.0.0.1", port: 4000 };

it("shows a new admin key once, and where it can be looked up", () => {
  const text = banner({ environment, newAdminKey: "sk-new", keySource: "`admin_key` in data/config.json" });
  expect(text).toContain("sk-new");
  expect(text).toContain("`admin_key` in data/config.json");
});

it("names the source of a key that it does not show", () => {
  const text = banner({ environment, newAdminKey: null, keySource: "GATEWAY_ADMIN_KEY" });
  expect(text).toContain("Admin key: GATEWAY_ADMIN_KEY");
  expect(text).toContain("Bearer $ADMIN_KEY");
});
