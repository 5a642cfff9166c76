/** Downloads by address. 127.0.0.1 plays a public address, 127.0.0.2 one of the operator's network; http plays https. */
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { servedFile } from "../../tests/harness/hub-files.ts";
import { waitFor } from "../../tests/harness/wait.ts";
import { openTestDatabase, type TestDatabase } from "../database/testing/test-database.ts";
import { reserveBytes } from "./free-space.ts";
import { bytesOf, openRig, type Rig, token } from "./testing/rig.ts";

const file = servedFile(3_000_000);
const publicHost = "127.0.0.1";
const privateHost = "127.0.0.2";

let shared: TestDatabase;
let rig: Rig;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: IncomingMessage[] = [];
let canaryHits = 0;
let freeBytes = 0;
const uploads = { missingBytes: 0 };
const server = createServer((request, response) => {
  asked.push(request);
  answer(request, response);
});
const canary = createServer((_request, response) => {
  canaryHits++;
  response.end(bytesOf(file));
});
let port = 0;
const listen = (one: typeof server, host: string, wanted: number) =>
  new Promise<void>((done) => one.listen(wanted, host, done));

beforeAll(async () => {
  shared = await openTestDatabase();
  await listen(server, publicHost, 0);
  ({ port } = server.address() as AddressInfo);
  await listen(canary, privateHost, port);
});
afterAll(async () => {
  for (const one of [server, canary]) one.closeAllConnections();
  server.close();
  canary.close();
  await shared.remove();
});
beforeEach(async () => {
  asked.length = 0;
  canaryHits = 0;
  freeBytes = 2 * reserveBytes;
  uploads.missingBytes = 0;
  answer = (_request, response) => response.end(bytesOf(file));
  const names: Record<string, string> = { "files.example": publicHost, "private.example": privateHost };
  const rules = {
    resolve: async (host: string) => [names[host] ?? []].flat(),
    isAllowed: (address: string) => address === publicHost,
    protocols: /^http:$/,
  };
  rig = await openRig(
    shared,
    { "org/m-GGUF": { files: { "m-Q4_0.gguf": file } } },
    { source: { rules, connectMs: 500 }, freeBytes: async () => freeBytes, uploads },
  );
});
afterEach(async () => rig[Symbol.asyncDispose]());

const at = (place: string, host = "files.example") => `http://${host}:${port}${place}`;
const add = (url: string, sha256?: string) => rig.downloads.add({ url, sha256, projector: true });
const ended = async (url: string, sha256?: string) =>
  rig.reached((await add(url, sha256)).id, "done", "failed", "paused");

describe("a file at an address", () => {
  it("lies in a folder of its host, with the sum that was told", async () => {
    expect(await ended(at("/a/m%20x.gguf"), file.sha256.toUpperCase())).toMatchObject({
      status: "done",
      sizeBytes: file.sizeBytes,
      files: [{ path: "files.example/m x.gguf", sha256: file.sha256 }],
    });
    expect(bytesOf(file).equals(await rig.read("files.example/m x.gguf"))).toBe(true);
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });

  it("is refused where its sum is another", async () => {
    expect(await ended(at("/m.gguf"), "0".repeat(64))).toMatchObject({ status: "failed" });
    expect(await rig.names()).toEqual([]);
  });

  it("that is a web page, or a few bytes, is no model: it fails, and nothing is left; a retry asks again", async () => {
    const wrong: [Buffer, RegExp][] = [
      [Buffer.from("<!DOCTYPE html><title>Log in</title>"), /m\.gguf.*web page/],
      [Buffer.from("abc\r\n\n"), /m\.gguf.*cut short|m\.gguf.*does not begin/],
      [Buffer.alloc(0), /m\.gguf.*empty/],
    ];
    for (const [bytes, reason] of wrong) {
      for (const length of [{ "content-length": bytes.length }, { connection: "close" }]) {
        answer = (_request, response) => response.writeHead(200, { ...length }).end(bytes);
        const failed = await ended(at("/m.gguf"));
        expect(failed).toMatchObject({
          status: "failed",
          doneBytes: 0,
          error: expect.stringMatching(reason),
        });
        expect(await rig.names()).toEqual([]);
        answer = (_request, response) => response.end(bytesOf(file));
        await rig.downloads.retry(failed.id);
        expect((await rig.reached(failed.id, "done", "failed")).status).toBe("done");
        await rm(path.join(rig.modelsDir, "files.example"), { recursive: true });
      }
    }
  });

  it("that has no room is not begun once its size is known; beside an upload neither", async () => {
    freeBytes = reserveBytes + file.sizeBytes - 1;
    const paused = await ended(at("/m.gguf"));
    expect(paused).toMatchObject({
      status: "paused",
      sizeBytes: file.sizeBytes,
      doneBytes: 0,
      error: expect.stringMatching(
        /m\.gguf needs 3 MB, 1 GB has to stay free, and 1\.0 GB are free.*continue/,
      ),
    });
    freeBytes += 1;
    uploads.missingBytes = 1;
    await rig.downloads.continue(paused.id);
    expect((await rig.reached(paused.id, "paused", "done")).error).toContain("uploads under way need");
    uploads.missingBytes = 0;
    await rig.downloads.continue(paused.id);
    expect((await rig.reached(paused.id, "paused", "done")).status).toBe("done");
  });

  it("whose size nobody tells stops where the disk is full", async () => {
    freeBytes = reserveBytes - 1;
    answer = (_request, response) => {
      response.write(file.read(0, file.sizeBytes));
      response.end();
    };
    expect(await ended(at("/m.gguf"))).toMatchObject({
      status: "paused",
      error: expect.stringContaining("is full"),
    });
  });

  it("shows its signature nowhere, keeps it while it is needed, and no longer", async () => {
    answer = (_request, response) => response.writeHead(403).end();
    const failed = await ended(at("/m.gguf?sig=secret"));
    expect(failed).toMatchObject({ status: "failed", url: at("/m.gguf") });
    await rig.restart();
    answer = (_request, response) => response.end(bytesOf(file));
    await rig.downloads.retry(failed.id);
    expect((await rig.reached(failed.id, "done", "failed")).status).toBe("done");
    expect(asked.map(({ url }) => url)).toEqual(["/m.gguf?sig=secret", "/m.gguf?sig=secret"]);
    await waitFor(
      "the end to be noted",
      () => rig.inspect("SELECT 1 FROM downloads WHERE status = 'done'")[0],
    );
    const kept = JSON.stringify([rig.log, rig.downloads.list(), rig.inspect("SELECT * FROM downloads")]);
    expect(kept).not.toContain("secret");
  });

  it("goes on by ranges after a cut; without an ETag and a sum it starts anew", async () => {
    const half = file.sizeBytes / 2;
    for (const etag of ['"one"', null]) {
      asked.length = 0;
      answer = (request, response) => {
        if (etag) response.setHeader("etag", etag);
        if (asked.length === 1) {
          response.writeHead(200, { "content-length": file.sizeBytes });
          response.write(file.read(0, half), () => setTimeout(() => response.destroy(), 100));
          return;
        }
        const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
        if (from > 0)
          response.setHeader("content-range", `bytes ${from}-${file.sizeBytes - 1}/${file.sizeBytes}`);
        response.writeHead(from > 0 ? 206 : 200).end(file.read(from, file.sizeBytes));
      };
      const name = etag ? "m.gguf" : "n.gguf";
      expect((await ended(at(`/${name}`))).status).toBe("done");
      expect(asked[1]?.headers.range === undefined).toBe(etag === null);
      expect(bytesOf(file).equals(await rig.read(`files.example/${name}`))).toBe(true);
    }
  });

  it("on the hub is a download from the hub, with its sum and by its token", async () => {
    const { id } = await add(`${rig.hub.url}/org/m-GGUF/blob/main/m-Q4_0.gguf`);
    expect(await rig.reached(id, "done", "failed")).toMatchObject({
      source: "hub",
      url: null,
      files: [{ path: "org--m-GGUF/m-Q4_0.gguf", sha256: file.sha256 }],
    });
    expect(rig.hub.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });
});

describe("an address that is not public is never asked", () => {
  it.each([
    () => at("/m.gguf", privateHost),
    () => at("/m.gguf", "private.example"),
    () => at("/m.gguf", "2130706434"),
    () => at("/m.gguf", "[::ffff:127.0.0.2]"),
    () => `https://files.example:${port}/m.gguf`,
    () => `http://user@files.example:${port}/m.gguf`,
    () => `${rig.hub.cdnUrl.replace(publicHost, privateHost)}/m.gguf`,
    () => "file:///etc/m.gguf",
  ])("%s", async (url) => {
    await expect(add(url())).rejects.toMatchObject({ status: 400, options: { param: "url" } });
    expect([canaryHits, asked.length]).toEqual([0, 0]);
  });

  it("nor by a redirect, from an address or from the hub", async () => {
    for (const to of [at("/m.gguf", privateHost), at("/m.gguf", "private.example"), "file:///etc/m.gguf"]) {
      answer = (_request, response) => response.writeHead(302, { location: to }).end();
      expect((await ended(at("/m.gguf"))).status).toBe("failed");
    }
    rig.hub.faults.bytesPerS = 1_000_000;
    const { id } = await rig.downloads.add({
      repoId: "org/m-GGUF",
      filename: "m-Q4_0.gguf",
      projector: true,
    });
    await rig.downloads.pause(id);
    rig.hub.refusal = { status: 302, headers: { location: at("/m.gguf", privateHost) } };
    await rig.downloads.continue(id);
    expect((await rig.reached(id, "failed", "done")).error).toContain("no public address");
    expect(canaryHits).toBe(0);
  });

  it("and the hub's token goes to no other server, even on its own host", async () => {
    rig.hub.faults.bytesPerS = 1_000_000;
    const { id } = await rig.downloads.add({
      repoId: "org/m-GGUF",
      filename: "m-Q4_0.gguf",
      projector: true,
    });
    await rig.downloads.pause(id);
    rig.hub.refusal = { status: 302, headers: { location: at("/m.gguf", publicHost) } };
    await rig.downloads.continue(id);
    expect((await rig.reached(id, "failed", "done")).status).toBe("done");
    expect(asked.at(-1)?.headers.authorization).toBeUndefined();
  });
});
