import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type AdminServices, adminKey, openServices } from "@/lib/admin/testing/services.ts";
import { createHttpServer, type NodeHandler } from "./server.ts";
import { handshake } from "./testing/handshake.ts";

let services: AdminServices;
beforeAll(async () => {
  services = await openServices();
});
afterAll(() => services.close());

const authorization = `Bearer ${adminKey}`;
const page: NodeHandler = ({ url }, response) => {
  response.end(JSON.stringify(`page ${url}`));
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(options: Partial<Parameters<typeof createHttpServer>[0]> = {}): Promise<number> {
  const { server } = createHttpServer({ lane: true, next: Promise.resolve(page), ...options });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Status and JSON of an answer to a request that offers HTTP/2. */
async function offerUpgrade(port: number, path: string): Promise<[number | undefined, unknown]> {
  const h2c = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAARAAAAA" };
  const asked = request({ port, path, host: "127.0.0.1", headers: { ...h2c, authorization } }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return [response.statusCode, await json(response)];
}

test("a request that offers an upgrade is answered like any other, as Java's clients expect", async () => {
  const port = await listen();
  expect(await offerUpgrade(port, "/v1/models")).toMatchObject([200, { object: "list" }]);
  expect(await offerUpgrade(port, "/health")).toMatchObject([200, { status: "ok" }]);
  expect(await offerUpgrade(port, "/some/page")).toEqual([200, "page /some/page"]);
  // Not even where the path only begins alike.
  expect(await offerUpgrade(port, "/admin/api/events/ticket")).toEqual([
    200,
    "page /admin/api/events/ticket",
  ]);
});

test("only the events are a socket, with a slash or a query, too", async () => {
  const port = await listen();
  for (const target of ["/admin/api/events", "/admin/api/events/", "/admin/api/events?x=1"])
    expect([target, (await handshake(port, { authorization }, target)).status]).toEqual([target, 101]);
});

test("a handshake that is none gets an answer that says so", async () => {
  const port = await listen();
  const mistakes: Record<string, string>[] = [
    { upgrade: "h2c" },
    { "sec-websocket-key": "short" },
    { "sec-websocket-version": "7" },
  ];
  for (const wrong of mistakes) {
    const { status, body } = await handshake(port, { authorization, ...wrong });
    expect([wrong, status, body.error.message]).toEqual([wrong, 400, expect.stringContaining("WebSocket")]);
  }
});

test("in development other upgrades go to Next", async () => {
  const nextUpgrade = vi.fn((_request, socket) =>
    socket.end("HTTP/1.1 418 Teapot\r\ncontent-length: 0\r\n\r\n{}"),
  );
  const port = await listen({ nextUpgrade });
  const { status } = await handshake(port, {}, "/_next/webpack-hmr").catch(() => ({ status: 418 }));
  expect(status).toBe(418);
  expect(nextUpgrade).toHaveBeenCalledOnce();
  expect((await handshake(port, { authorization })).status).toBe(101);
  expect(nextUpgrade).toHaveBeenCalledOnce();
});
