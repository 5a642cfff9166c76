import { describe, expect, it } from "vitest";
import { createLane, type LaneRoute } from "./lane.ts";

const say = (text: string) => () => new Response(text);
const routes: LaneRoute[] = [
  { path: "/v1/[...path]", handlers: { GET: say("catch-all") } },
  { path: "/v1/models", handlers: { GET: say("list"), OPTIONS: say("preflight") } },
  {
    path: "/v1/models/[...id]",
    handlers: { GET: async (_request, { params }) => Response.json(await params) },
  },
  { path: "/v1/chat/completions", handlers: { POST: say("chat") } },
];
const lane = createLane(routes);
const ask = (method: string, target: string) =>
  lane(new Request(`http://localhost${target}`, { method }), target);

describe("createLane", () => {
  it.each([
    ["GET", "/v1/models", "list"],
    ["GET", "/v1/models/", "list"],
    ["GET", "/v1/models?limit=3", "list"],
    ["GET", "/v1/models/?limit=3", "list"],
    ["OPTIONS", "/v1/models", "preflight"],
    ["POST", "/v1/chat/completions", "chat"],
    ["GET", "/v1/anything/else", "catch-all"],
  ])("answers %s %s", async (method, target, text) => {
    expect(await (await ask(method, target)).text()).toBe(text);
  });

  it("gives a handler the parts of a catch-all as they were sent", async () => {
    expect(await (await ask("GET", "/v1/models/org/name%20x")).json()).toEqual({ id: ["org", "name%20x"] });
  });

  it("answers HEAD as GET without a body", async () => {
    const response = await ask("HEAD", "/v1/models");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it("refuses other methods and says which are allowed", async () => {
    const response = await ask("DELETE", "/v1/chat/completions");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ error: { code: "method_not_allowed", param: null } });
  });

  it("answers an unknown path in OpenAI's shape", async () => {
    const response = await ask("GET", "/v1");
    expect(response.status).toBe(404);
    expect(response.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
    expect(await response.json()).toMatchObject({
      error: { code: "unknown_url", type: "invalid_request_error" },
    });
  });
});
