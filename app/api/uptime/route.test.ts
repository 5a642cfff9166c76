import { afterAll, beforeAll, expect, test } from "vitest";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import { uptimeReply } from "@/lib/uptime/schemas.ts";
import { GET, POST } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

test("anybody may ask; before the first start there is no data", async () => {
  const { status, json, headers } = await call(GET, "GET", { key: null });
  expect(status).toBe(200);
  const { days, overall_uptime_percent, daily } = uptimeReply.strict().parse(json);
  expect([days, daily.length, overall_uptime_percent]).toEqual([30, 30, null]);
  expect(daily.every(({ status }) => status === "no_data")).toBe(true);
  expect(daily.at(-1)?.date).toBe(new Date().toISOString().slice(0, 10));
  expect(headers.get("cache-control")).toBe("no-store");
});

test("the days are bounded", async () => {
  const daysOf = async (days: string) => {
    const { status, json } = await call<{ daily: object[] } & Refusal>(GET, "GET", { query: `days=${days}` });
    return status === 200 ? json.daily.length : json.error.param;
  };
  expect(await Promise.all(["1", "366", "367", "0", "-1", "1.5", "x", ""].map(daysOf))).toEqual([
    1,
    366,
    ...Array(6).fill("days"),
  ]);
});

test("other methods are refused", async () => {
  expect((await call(POST, "POST", { key: null })).status).toBe(405);
});
