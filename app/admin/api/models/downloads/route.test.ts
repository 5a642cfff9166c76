import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DownloadReply, HubFilesReply, HubModelReply } from "@/lib/admin/schemas/models-hub.ts";
import { downloadReply, hubFilesReply, hubModelReply } from "@/lib/admin/schemas/models-hub.ts";
import { call, type Refusal } from "@/lib/admin/testing/call.ts";
import { type AdminServices, openServices } from "@/lib/admin/testing/services.ts";
import type { SizeFit } from "@/lib/hub/types.ts";
import { provideRuntime } from "@/lib/runtime.ts";
import { expectConforms } from "@/tests/harness/conforms.ts";
import { commit, type LocalHub, localHub } from "@/tests/harness/hub.ts";
import { servedFile } from "@/tests/harness/hub-files.ts";
import { waitFor } from "@/tests/harness/wait.ts";
import { POST as download } from "../download/route.ts";
import { GET as files } from "../files/route.ts";
import { GET as search } from "../search/route.ts";
import { POST as goOn } from "./[id]/continue/route.ts";
import { POST as pause } from "./[id]/pause/route.ts";
import { POST as retry } from "./[id]/retry/route.ts";
import { DELETE } from "./[id]/route.ts";
import { GET } from "./route.ts";

const repo_id = "org/vl-GGUF";
let services: AdminServices;
let hub: LocalHub;
beforeAll(async () => {
  services = await openServices();
});
beforeEach(async () => {
  hub = await localHub({
    [repo_id]: {
      files: {
        "vl-Q4_K_M.gguf": servedFile(200_000),
        "vl-Q8_0.gguf": servedFile(2_000_000),
        "mmproj-vl-f16.gguf": servedFile(1_000),
      },
      downloads: 7,
      gated: "auto",
      tags: ["gguf", "license:mit"],
    },
  });
  await services.config.patch({ hub_url: hub.url, hf_token: "hf_canary" });
});
afterEach(async () => hub[Symbol.asyncDispose]());
afterAll(() => services.close());

const order = (filename: string) =>
  call<DownloadReply>(download, "POST", { body: { repo_id, filename, projector: false } });
const at = (id: number) => ({ params: { id: String(id) } });
const listed = async (id: number) =>
  (await call<{ data: DownloadReply[] }>(GET, "GET")).json.data.find((one) => one.id === id);
const reached = (id: number, status: string) =>
  waitFor(`download ${id} to be ${status}`, async () => (await listed(id))?.status === status);
const actions = () =>
  services.inspect<{ action: string; target: string; detail: string }>(
    "SELECT action, target, detail FROM audit_log WHERE action LIKE 'download.%' ORDER BY id",
  );

describe("the hub", () => {
  it("200: what it has for a search, in the API's words", async () => {
    const { status, json } = await call<{ data: HubModelReply[] }>(search, "GET", { query: "q=vl&limit=5" });
    expect(status).toBe(200);
    expect(json.data).toMatchObject([{ id: repo_id, downloads: 7, gated: "auto", license: "mit" }]);
    expectConforms(hubModelReply, json.data[0]);
  });

  it("200: the models of a repository, and their projector", async () => {
    const { status, json } = await call<HubFilesReply>(files, "GET", { query: `repo_id=${repo_id}` });
    expect(status).toBe(200);
    expectConforms(hubFilesReply, json);
    expect(json.files).toMatchObject([
      {
        filename: "vl-Q4_K_M.gguf",
        quantization: "Q4_K_M",
        size_bytes: 200_000,
        mmproj: "mmproj-vl-f16.gguf",
      },
      { filename: "vl-Q8_0.gguf" },
    ]);
    expect(json).toMatchObject({ recommended: null, files: [{ fit: null }, { fit: null }] });
    expect(json.projectors).toMatchObject([{ belongs_to: ["vl-Q4_K_M", "vl-Q8_0"] }]);
  });

  it("200: says of each whether it fits, with its projector, and which is best", async () => {
    const fit: SizeFit = {
      judge: (sizeBytes) => ({
        verdict: sizeBytes > 201_000 ? "does_not_fit" : "fits",
        requiredBytes: sizeBytes,
        availableBytes: 5,
        sentence: "So it is.",
      }),
      recommend: ([file]) => (file ? { file, reason: "It is small." } : null),
    };
    provideRuntime({ ...services, hub: { ...services.hub, sizeFit: async () => fit } });
    const { json } = await call<HubFilesReply>(files, "GET", { query: `repo_id=${repo_id}` });
    provideRuntime(services);
    expectConforms(hubFilesReply, json);
    expect(json.recommended).toEqual({ filename: "vl-Q4_K_M.gguf", reason: "It is small." });
    expect(json.files.map((one) => one.fit)).toEqual([
      { verdict: "fits", required_bytes: 201_000, available_bytes: 5, sentence: "So it is." },
      { verdict: "does_not_fit", required_bytes: 2_001_000, available_bytes: 5, sentence: "So it is." },
    ]);
  });

  it.each([
    [search, "limit=5", "q"],
    [search, "q=a&limit=101", "limit"],
    [search, "q=a&limit=-1", "limit"],
    [files, "", "repo_id"],
    [files, "repo_id=../../api/whoami-v2", "repo_id"],
    [files, `repo_id=${repo_id}&revision=a..b`, "revision"],
  ])("400 for a wrong question", async (handler, query, param) => {
    const { status, json } = await call<Refusal>(handler, "GET", { query });
    expect([status, json.error.param]).toEqual([400, param]);
  });

  it("404, 429 with its time, 503 where it is gone", async () => {
    expect((await call(files, "GET", { query: "repo_id=org/none" })).status).toBe(404);
    hub.refusal = { status: 429, headers: { "retry-after": "9" } };
    const limited = await call(search, "GET", { query: "q=a" });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "9"]);
    await services.config.patch({ hub_url: "http://127.0.0.1:9" });
    const gone = await call<Refusal>(search, "GET", { query: "q=a" });
    expect([gone.status, gone.json.error.code]).toEqual([503, "hub_unavailable"]);
  });
});

describe("a download", () => {
  it("202, is listed, done, then 200 at once; each step in the audit log", async () => {
    const { status, json } = await order("vl-Q4_K_M.gguf");
    expect(status).toBe(202);
    expectConforms(downloadReply, json);
    await reached(json.id, "done");
    expectConforms(downloadReply, await listed(json.id));
    expect(await order("vl-Q4_K_M.gguf")).toMatchObject({
      status: 200,
      json: { id: json.id, status: "done" },
    });
    expect((await call(DELETE, "DELETE", at(json.id))).status).toBe(200);
    expect(await listed(json.id)).toBeUndefined();
    expect(actions().map(({ action, target }) => `${action} ${target}`)).toEqual([
      `download.add download:${json.id}`,
      `download.add download:${json.id}`,
      `download.remove download:${json.id}`,
    ]);
    expect(JSON.parse(actions()[0]?.detail ?? "")).toEqual({
      repoId: repo_id,
      revision: commit,
      url: null,
      files: ["org--vl-GGUF/vl-Q4_K_M.gguf"],
    });
    expect(JSON.stringify([actions(), services.logLines])).not.toContain("hf_canary");
  });

  it("200: is paused, goes on, is cancelled; 409 where that does not go; 404", async () => {
    hub.faults.bytesPerS = 1_000_000;
    const { id } = (await order("vl-Q8_0.gguf")).json;
    expect((await call(pause, "POST", at(id))).json).toMatchObject({ id, status: "paused" });
    expect((await call(retry, "POST", at(id))).status).toBe(409);
    expect((await call(goOn, "POST", at(id))).json).toMatchObject({ id, status: "running" });
    expect((await call(goOn, "POST", at(id))).status).toBe(409);
    expect((await call(DELETE, "DELETE", at(id))).json).toMatchObject({ status: "cancelled" });
    for (const handler of [pause, goOn, retry])
      expect((await call(handler, "POST", at(4_000))).status).toBe(404);
    expect((await call(DELETE, "DELETE", at(4_000))).status).toBe(404);
  });

  it("200: is retried after it failed", async () => {
    hub.faults.corruptAt = 5;
    const { id } = (await order("vl-Q8_0.gguf")).json;
    await reached(id, "failed");
    hub.faults.corruptAt = null;
    expect((await call(retry, "POST", at(id))).json).toMatchObject({ id, error: null });
    await reached(id, "done");
  });

  it.each([
    {},
    { repo_id },
    { filename: "a.gguf" },
    { repo_id, filename: "a.bin" },
    { repo_id: "a/../b", filename: "a.gguf" },
    { repo_id, filename: "a.gguf", url: "https://example.org/a.gguf" },
    { repo_id, url: "https://example.org/a.gguf" },
    { url: "http://example.org/a.gguf" },
    { url: "https://127.0.0.1/a.gguf" },
    { url: "https://[::1]/a.gguf" },
    { url: "https://169.254.169.254/a.gguf" },
    { url: "https://user@8.8.8.8/a.gguf" },
    { url: "https://8.8.8.8/a.bin" },
    { url: "https://8.8.8.8/a.gguf", sha256: "ab" },
    { url: "file:///etc/passwd.gguf" },
  ])("400 for %j", async (body) => {
    expect((await call(download, "POST", { body })).status).toBe(400);
    expect(hub.requests).toEqual([]);
  });
});
