import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "@/lib/admin/testing/call.ts";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { POST } from "../backup/route.ts";
import { DELETE, GET as download } from "./[name]/route.ts";
import { GET } from "./route.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

it("200: made, listed, downloaded as it is, and deleted", async () => {
  const { status, json: made } = await call(POST, "POST");
  expect(status).toBe(200);
  expect(made).toMatchObject({
    kind: "backup",
    name: expect.stringMatching(/^gateway-.*\.tar\.gz$/),
    size_bytes: expect.any(Number),
  });
  expect((await call(GET, "GET")).json).toEqual({ data: [made] });

  const params = { name: String(made.name) };
  const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${adminKey}` } });
  const answer = await download(request, { params: Promise.resolve(params) });
  expect(answer.headers.get("content-type")).toBe("application/gzip");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const sent = new Uint8Array(await answer.arrayBuffer());
  expect(sha256(sent)).toBe(sha256(await readFile(String(made.path))));

  expect((await call(DELETE, "DELETE", { params })).json).toEqual({ name: made.name, deleted: true });
  expect((await call(GET, "GET")).json).toEqual({ data: [] });
  expect((await call(DELETE, "DELETE", { params })).status).toBe(404);
  const actions = services.inspect("SELECT action FROM audit_log WHERE action LIKE 'backup.%' ORDER BY id");
  expect(actions).toEqual(["create", "download", "delete"].map((action) => ({ action: `backup.${action}` })));
});

it("200: a copy from before a migration is listed and downloaded as what it is", async () => {
  const name = "gateway-before-20990101000000_note.db";
  const folder = path.join(services.environment.dataDir, "backups");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), "a copy");
  const { data } = (await call(GET, "GET")).json;
  expect(data).toMatchObject([{ kind: "before_migration", name, size_bytes: 6 }]);
  const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${adminKey}` } });
  const answer = await download(request, { params: Promise.resolve({ name }) });
  expect(answer.headers.get("content-type")).toBe("application/vnd.sqlite3");
  expect(await answer.text()).toBe("a copy");
  expect((await call(DELETE, "DELETE", { params: { name } })).status).toBe(200);
});

it.each(["../config.json", "..", "config.json", "gateway.db", "x".repeat(200)])(
  "no other file: %s",
  async (name) => {
    for (const [handler, method] of [
      [download, "GET"],
      [DELETE, "DELETE"],
    ] as const)
      expect([400, 404]).toContain((await call(handler, method, { params: { name } })).status);
  },
);
