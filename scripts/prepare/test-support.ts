/** What the tests of the preparation share: a temporary folder, a real HTTP server, and a program that acts as llama-server. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { Report } from "./report.mjs";

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "prepare-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server on a free port of 127.0.0.1 that ends with the test; returns its address. */
export async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A report, and the text it has written so far. */
export function recordedReport(isTTY = false): { report: Report; text: () => string } {
  let written = "";
  const report = new Report({
    isTTY,
    columns: 60,
    write: (text: string) => {
      written += text;
    },
  });
  return { report, text: () => written };
}

/** A program of this name that runs the given JavaScript; returns its path. */
export function program(folder: string, name: string, code: string): string {
  const file = path.join(folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.mjs`, code);
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${file}.mjs" "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** JavaScript of a program that takes llama-server's place; `answer` is the body of its answers to `/completion`. */
export function pretendedLlamaServer({
  version = "9.9.9",
  answer = '{"content":" salty"}',
  status = 200,
  ignoresSigterm = false,
} = {}): string {
  return `
    import http from "node:http";
    if (process.argv.includes("--version")) {
      console.error("version: ${version} (build 1, commit test)");
      process.exit(0);
    }
    const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
    let asked = 0;
    http.createServer((request, response) => {
      if (request.url === "/health") response.writeHead((asked += 1) < 3 ? 503 : 200).end();
      else response.writeHead(${status}).end(${JSON.stringify(answer)});
    }).listen(port, "127.0.0.1");
    if (${ignoresSigterm}) process.on("SIGTERM", () => {});`;
}
