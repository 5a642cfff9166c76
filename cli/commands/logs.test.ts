/** `logs` against a server that says what a gateway would. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { run } from "../program.ts";

const ownLine = '{"level":30,"time":"2026-11-26T09:00:00.000Z","msg":"Listening."}';
const engineLine = '{"not": "ours"} main: server is listening';

let server: Server;
let url: string;
beforeAll(async () => {
  const linesAt = (place: string) => (/480/.test(place) ? [engineLine] : [ownLine, "no JSON"]);
  server = createServer((request, response) => {
    response.end(JSON.stringify({ data: linesAt(request.url ?? "") }));
  }).listen(0, "127.0.0.1");
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) =>
    socket.on("message", (wish) => {
      socket.send(JSON.stringify({ data: { lines: linesAt(String(wish)), dropped: 2 } }));
      socket.close(1012);
    }),
  );
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

let out: string[];
let errors: string[];
beforeEach(() => {
  [out, errors] = [[], []];
  vi.stubEnv("GATEWAY_ADMIN_KEY", `sk-${"a".repeat(48)}`);
  vi.spyOn(console, "log").mockImplementation((line) => void out.push(line));
  vi.spyOn(console, "error").mockImplementation((line) => void errors.push(line));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const ways = { logs: [], "logs -f": ["-f"] };

it.each(Object.entries(ways))("%s prints the lines as they are", async (_, more) => {
  await run(["logs", ...more, "--url", url]);
  expect(out).toEqual([ownLine, "no JSON"]);
});

it.each(Object.entries(ways))("%s --json prints one object a line", async (_, more) => {
  await run(["logs", ...more, "--json", "--url", url]);
  expect(out).toEqual([ownLine, '{"line":"no JSON"}']);
  out = [];
  await run(["--json", "logs", "4801", ...more, "--url", url]);
  expect(out.map((line) => JSON.parse(line))).toEqual([{ port: 4801, line: engineLine }]);
});

it("tells on standard error what is no line", async () => {
  expect(await run(["logs", "-f", "--json", "--url", url])).toBe(1);
  expect(errors).toEqual(["(2 lines came too fast to be shown)", "The gateway is shutting down."]);
});
