/** The hub client against a local hub, over real HTTP. */
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configSchema } from "../../lib/config/schema.ts";
import { createHub } from "../../lib/hub/hub.ts";
import { commit, type LocalHub, localHub } from "../../tests/harness/hub.ts";
import { servedFile } from "../../tests/harness/hub-files.ts";
import { hubFetch } from "./hub-fetch.ts";

const token = "hf_secret";
const file = servedFile(1000);
const config = configSchema.parse({
  slots: {},
  admin_key: `sk-${"0".repeat(48)}`,
  session_secret: "s".repeat(32),
});

let server: LocalHub;
beforeEach(async () => {
  server = await localHub({
    "org/small-GGUF": {
      files: { "small-Q4_K_M.gguf": file, "README.md": file, "sub/small-Q8_0.gguf": file },
      downloads: 5,
      likes: 2,
      tags: ["gguf", "conversational", "license:apache-2.0", "base_model:org/small", "text-generation"],
    },
    "org/large-small-GGUF": { files: {}, downloads: 9 },
    "org/small-safetensors": { files: {}, tags: ["safetensors"] },
    "org/gated-GGUF": { files: { "a.gguf": file }, gated: "manual" },
  });
});
afterEach(async () => server[Symbol.asyncDispose]());

function hub(changes: { hub_url?: string; hf_token?: string } = {}, options = {}) {
  return createHub({
    config: { current: { ...config, hub_url: server.url, ...changes } },
    fetch: hubFetch(options),
    sizeFit: async () => null,
  });
}

describe("a search", () => {
  it("lists repositories with GGUF files alone, the most downloaded first, with what is worth showing", async () => {
    expect((await hub().search("small", 10)).map(({ id }) => id)).toEqual([
      "org/large-small-GGUF",
      "org/small-GGUF",
    ]);
    expect((await hub().search("org/small", 10))[0]).toEqual({
      id: "org/small-GGUF",
      downloads: 5,
      likes: 2,
      gated: false,
      private: false,
      license: "apache-2.0",
      updatedMs: Date.UTC(2026, 4, 4, 3, 2, 1),
      task: "text-generation",
      tags: ["conversational"],
    });
  });

  it("keeps to its limit", async () => {
    expect(await hub().search("", 1)).toHaveLength(1);
  });
});

describe("a repository", () => {
  it("is told with its commit and the sums of its GGUF files, over all pages", async () => {
    server.pageSize = 1;
    const found = await hub({ hub_url: `${server.url}/` }).repository("org/small-GGUF");
    expect(found).toMatchObject({ id: "org/small-GGUF", revision: commit });
    expect(found.files).toEqual([
      { path: "small-Q4_K_M.gguf", sizeBytes: 1000, sha256: file.sha256 },
      { path: "sub/small-Q8_0.gguf", sizeBytes: 1000, sha256: file.sha256 },
    ]);
  });

  it("is not there: 404 that names it", async () => {
    await expect(hub().repository("org/none")).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("org/none"),
    });
  });

  it("is gated: 403 that says what to do, with a token or without", async () => {
    await expect(hub().repository("org/gated-GGUF")).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(/gated.*accept.*set it as hf_token/is),
    });
    server.refusal = { status: 403, headers: { "x-error-code": "GatedRepo" } };
    await expect(hub({ hf_token: token }).repository("org/gated-GGUF")).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(/hf_token belongs to and accept/is),
    });
  });

  it("is told with the token where there is one", async () => {
    expect((await hub({ hf_token: token }).repository("org/gated-GGUF")).gated).toBe("manual");
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
  });
});

describe("a hub that does not serve", () => {
  it("takes no more requests: 429 with its own time to wait", async () => {
    server.refusal = { status: 429, headers: { "retry-after": "17" } };
    await expect(hub().search("a", 1)).rejects.toMatchObject({ status: 429, options: { retryAfterS: 17 } });
  });

  it.each([500, 503])("fails with %i: 502", async (status) => {
    server.refusal = { status };
    await expect(hub().search("a", 1)).rejects.toMatchObject({ status: 502, code: "hub_failed" });
  });

  it("is another kind of server: 502 that points to hub_url", async () => {
    server.refusal = { status: 200 };
    await expect(hub().search("a", 1)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining("hub_url"),
    });
  });

  it("leads to another host: that one is never asked", async () => {
    const other = await localHub({ "org/small-GGUF": { files: {} } });
    const asked = hub({ hf_token: token }).repository("org/small-GGUF");
    server.refusal = { status: 307, headers: { location: `${other.url}/api/models/org/small-GGUF` } };
    await expect(asked).rejects.toMatchObject({ code: "hub_failed" });
    server.refusal = { status: 200, headers: { link: `<${other.url}/api/models>; rel="next"` } };
    await expect(hub({ hf_token: token }).search("small", 10)).rejects.toMatchObject({ code: "hub_failed" });
    expect(other.requests).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  it("refuses the connection, or has no name: 503 at once that says so", async () => {
    const startMs = performance.now();
    await expect(hub({ hub_url: "http://127.0.0.1:9" }).search("a", 1)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("(the connection is refused)"),
    });
    await expect(hub({ hub_url: "http://hub.invalid" }).search("a", 1)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("cannot be reached ("),
    });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it("takes the connection and never answers: 503 after the deadline", async () => {
    const silent = createServer();
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const asked = hub({ hub_url: `http://127.0.0.1:${port}` }, { deadlineMs: 200 }).search("a", 1);
    await expect(asked).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("does not answer in time"),
    });
    silent.close();
  });
});
