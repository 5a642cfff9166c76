import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { POST as load } from "../../slots/load/route.ts";
import { GET, POST } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

describe("POST models/fit", () => {
  it("200: the verdict with its figures", async () => {
    const { status, json } = await call(POST, "POST", { body: { model_path: "a.gguf", ctx_size: 4096 } });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: "a.gguf", verdict: "unknown", estimate: null, changes: [] });
    expect(json).toHaveProperty("margin_bytes", Math.round(0.06 * 8 * 1024 ** 3));
  });

  it("200: a remote takes nothing here", async () => {
    const remote = { base_url: "http://10.0.0.5:8000/v1", model: "m" };
    const { json } = await call(POST, "POST", { body: { remote } });
    expect(json).toMatchObject({ model: "m", verdict: "fits", required_bytes: 0 });
  });

  it("400: neither a file nor a remote", async () => {
    expect((await call(POST, "POST", { body: { ctx_size: 4096 } })).status).toBe(400);
  });

  it("403: a user", async () => {
    const { apiKey } = await services.createUser("fit@example.org");
    expect(apiKey).not.toBe(adminKey);
    const asked = { key: apiKey, body: { model_path: "a.gguf" } };
    expect((await call(POST, "POST", asked)).status).toBe(403);
  });

  it("405: another method", async () => {
    expect((await call(GET, "GET")).status).toBe(405);
  });
});

describe("POST slots/load", () => {
  const body = { slot: 4802, model_path: "huge.gguf" };

  it("409: it does not fit", async () => {
    expect((await call(load, "POST", { body })).status).toBe(409);
  });

  it("200: it is forced", async () => {
    const { status, json } = await call(load, "POST", { body: { ...body, force: true } });
    expect([status, json]).toMatchObject([200, { status: "loaded", slot: 4802 }]);
  });
});
