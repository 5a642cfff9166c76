/** A client that is gone without a word, as a laptop that was closed, does not stay for ever. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { handshake } from "../testing/handshake.ts";
import { EventSockets } from "./event-sockets.ts";

const authorization = `Bearer ${adminKey}`;
const sockets = new EventSockets({ checkEveryMs: 30, mostSocketsPerKey: 3 });
const server = createServer();
server.on("upgrade", (request, socket, head) => sockets.handleUpgrade(request, socket, head));

let services: AdminServices;
let port: number;
beforeAll(async () => {
  services = await openServices();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await sockets.close();
  server.close();
  await services.close();
});

test("who answers no ping is cut off, who does stays, and the place is free again", async () => {
  const lively = new WebSocket(`ws://127.0.0.1:${port}/admin/api/events`, { headers: { authorization } });
  await once(lively, "open");
  let pings = 0;
  lively.on("ping", () => pings++);
  const silent = await Promise.all(
    [1, 2].map(() => handshake(port, { authorization }, undefined, { keep: true })),
  );
  expect((await handshake(port, { authorization })).status).toBe(429);
  await Promise.all(
    silent.map(({ socket }) => {
      socket.on("error", () => {});
      socket.resume();
      return once(socket, "close");
    }),
  );
  expect(lively.readyState).toBe(WebSocket.OPEN);
  expect(pings).toBeGreaterThanOrEqual(6);
  expect((await handshake(port, { authorization })).status).toBe(101);
  lively.close();
});
