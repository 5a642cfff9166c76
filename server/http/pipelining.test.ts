import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CountingServer, createHttpServer, type NodeHandler } from "./server.ts";

let counting: CountingServer;
let handler: NodeHandler;

beforeEach(async () => {
  const next: NodeHandler = (request, response) => handler(request, response);
  counting = createHttpServer({ lane: true, next: Promise.resolve(next) });
  await once(counting.server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  counting.server.closeAllConnections();
  counting.server.close();
});

const open = () => connect((counting.server.address() as AddressInfo).port, "127.0.0.1");
const two = "GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

test("requests sent in one go are answered one after another", async () => {
  handler = (request, response) => void setImmediate(() => response.end(request.url));
  const socket = open();
  socket.write(two);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  expect(answer.match(/\/one|\/two/g)).toEqual(["/one", "/two"]);
  await vi.waitFor(() => expect(counting.runningRequests()).toBe(0));
});

test("none of them runs on when their client leaves", async () => {
  const asked: (string | undefined)[] = [];
  handler = (request) => void asked.push(request.url);
  const socket = open();
  socket.write(two);
  await vi.waitFor(() => expect(asked).toEqual(["/one"]));
  expect(counting.runningRequests()).toBe(1);
  socket.destroy();
  await vi.waitFor(() => expect(counting.runningRequests()).toBe(0));
  expect(asked).toEqual(["/one"]);
});
