import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Departure } from "./departure.ts";
import { rememberResponse } from "./node-response.ts";

const server = createServer();
afterEach(() => server.closeAllConnections());

/** A request over a real connection, known as the lane makes it known. */
async function open(): Promise<{ departure: Departure; response: ServerResponse; client: Socket }> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const [, response]: [unknown, ServerResponse] = (await once(server, "request")) as [
    unknown,
    ServerResponse,
  ];
  const request = new Request("http://localhost/");
  rememberResponse(request, response);
  return { departure: new Departure(request), response, client };
}

describe("Departure", () => {
  it("notices a client that leaves before the end", async () => {
    const { departure, client } = await open();
    const listener = vi.fn();
    departure.listen(listener);
    expect(departure.hasLeft).toBe(false);
    client.destroy();
    await vi.waitFor(() => expect(listener).toHaveBeenCalledOnce());
    expect(departure.hasLeft).toBe(true);
  });

  it("does not take the end of an answer for a departure", async () => {
    const { departure, response, client } = await open();
    const listener = vi.fn();
    departure.listen(listener);
    response.end("whole");
    await once(response, "close");
    client.destroy();
    expect(listener).not.toHaveBeenCalled();
    expect(departure.hasLeft).toBe(false);
  });

  it("stops listening", async () => {
    const { departure, response, client } = await open();
    const listener = vi.fn();
    departure.listen(listener)();
    client.destroy();
    await once(response, "close");
    expect(listener).not.toHaveBeenCalled();
  });

  it("uses the request's own signal where no connection is known", () => {
    const controller = new AbortController();
    const departure = new Departure(new Request("http://localhost/", { signal: controller.signal }));
    const listener = vi.fn();
    departure.listen(listener);
    controller.abort();
    expect(listener).toHaveBeenCalledOnce();
    expect(departure.hasLeft).toBe(true);
  });
});
