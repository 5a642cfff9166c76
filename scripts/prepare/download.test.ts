import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { download } from "./download.mjs";
import { serve, temporaryFolder } from "./test-support.ts";

const content = Buffer.alloc(3_000_000, "GGUF model ");
const sha256 = createHash("sha256").update(content).digest("hex");

/** Where the file goes, and what lies in its folder. */
function target() {
  const folder = path.join(temporaryFolder(), "models");
  const file = path.join(folder, "model.gguf");
  return { file, left: () => (existsSync(folder) ? readdirSync(folder) : []) };
}

test("fetches a file through a redirect and tells its progress", async () => {
  const address = await serve((request, response) => {
    if (request.url === "/file") response.writeHead(302, { location: "/elsewhere" }).end();
    else response.writeHead(200, { "content-length": content.length }).end(content);
  });
  const { file, left } = target();
  const progress: [number, number | undefined][] = [];
  await download(`${address}/file`, file, { sha256, onProgress: (...facts) => progress.push(facts) });
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(progress.at(-1)).toEqual([content.length, content.length]);
  expect(left()).toEqual(["model.gguf"]);
});

test("other bytes than expected are refused, and nothing is left", async () => {
  const address = await serve((_, response) => response.end("something else"));
  const { file, left } = target();
  await expect(download(`${address}/file`, file, { sha256 })).rejects.toThrow(/SHA-256/);
  expect(left()).toEqual([]);
});

test("a connection that breaks half way leaves nothing, and the file never shows before it is complete", async () => {
  const seen: string[][] = [];
  const { file, left } = target();
  const address = await serve((_, response) => {
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 1_500_000));
    setTimeout(() => {
      seen.push(left());
      response.destroy();
    }, 50);
  });
  await expect(download(`${address}/file`, file, { sha256 })).rejects.toThrow(/broke off after 1.5 MB/);
  expect(seen[0]).toEqual([expect.stringMatching(/^model\.gguf\..*part$/)]);
  expect(left()).toEqual([]);
});

test("a sender that stops in the middle is given up", async () => {
  const address = await serve((_, response) => {
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 1000));
  });
  const { file, left } = target();
  await expect(download(`${address}/file`, file, { sha256, idleTimeoutMs: 100 })).rejects.toThrow(
    /broke off/,
  );
  expect(left()).toEqual([]);
});

test("an answer other than 200 names host, status and path", async () => {
  const address = await serve((_, response) => response.writeHead(404).end());
  await expect(download(`${address}/a/b`, target().file, { sha256 })).rejects.toThrow(
    /127\.0\.0\.1:\d+ answered 404 for \/a\/b/,
  );
});

test("endless redirects end", async () => {
  const address = await serve((_, response) => response.writeHead(302, { location: "/again" }).end());
  await expect(download(`${address}/file`, target().file, { sha256 })).rejects.toThrow(
    /redirects without end/,
  );
});

test("a host that refuses is named", async () => {
  const address = await closedAddress();
  await expect(download(`${address}/file`, target().file, { sha256 })).rejects.toThrow(
    /127\.0\.0\.1:\d+: .*ECONNREFUSED/,
  );
});

test("a host that accepts but never completes the handshake is given up within the connect limit", async () => {
  const silent = net.createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void silent.close());
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/file`;
  const started = performance.now();
  await expect(download(url, target().file, { sha256, connectTimeoutMs: 200 })).rejects.toThrow(
    /no connection within 0.2 s/,
  );
  expect(performance.now() - started).toBeLessThan(5_000);
});

/** An address where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
