import { createServer } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { selfSigned } from "./test-support/certificate.ts";
import { ask, closed, connectionsTo, originOf, roundTrips } from "./test-support/engine.ts";

const certificate = selfSigned();

/** An engine behind TLS that answers with what it was sent; and its ends of the connections. */
async function startSecure() {
  const sockets: TLSSocket[] = [];
  const server = createServer(certificate, (request, response) => {
    request.on("data", (body) => response.write(body)).on("end", () => response.end());
  });
  server.on("secureConnection", (socket) => sockets.push(socket));
  server.on("tlsClientError", () => {}); // Tests break connections off.
  const url = await originOf(server, "https:");
  onTestFinished(() => server.closeAllConnections());
  return { url, sockets, server };
}

/** The test's own doing: what it has to show is that connections work, not whom Node trusts. */
function trustAnybody(): void {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe("an engine behind TLS", () => {
  it("is not trusted when nobody vouches for it", async () => {
    const { url, sockets } = await startSecure();
    const answer = ask(connectionsTo(url), "secret");
    await answer.done;
    expect(answer.error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await Promise.all(sockets.map(closed));
    expect(answer.calls).toEqual(["error"]);
  });

  it("is asked again on a kept connection", async () => {
    trustAnybody();
    const { url, sockets } = await startSecure();
    const connections = connectionsTo(url);
    for (const body of ["one", "two", "three"]) {
      const answer = ask(connections, body);
      await answer.done;
      expect(answer.calls).toEqual(["head 200", `data ${body}`, "end"]);
    }
    expect(sockets).toHaveLength(1);
  });

  it.each([
    ["localhost", "localhost"],
    ["127.0.0.1", false],
  ])("is told by which name it is asked for: %s", async (host, name) => {
    trustAnybody();
    const { url, sockets } = await startSecure();
    await ask(connectionsTo(new URL(`https://${host}:${url.port}`))).done;
    expect(sockets.map((socket) => Reflect.get(socket, "servername"))).toEqual([name]);
  });

  it("gets small writes at once, as without TLS", async () => {
    trustAnybody();
    const { Socket: SocketClass } = await import("node:net");
    const setNoDelay = vi.spyOn(SocketClass.prototype, "setNoDelay");
    const { url } = await startSecure();
    await ask(connectionsTo(url)).done;
    expect(setNoDelay).toHaveBeenCalledWith(true);
    setNoDelay.mockRestore();
  });

  it("is held by a pause, and nothing is lost", async () => {
    trustAnybody();
    const { url, sockets } = await startSecure();
    const body = Array.from({ length: 1_500_000 }, (_, number) => `${number}\n`).join("");
    let isHeld = false;
    const answer = ask(connectionsTo(url), body, {
      onData: () => {
        if (isHeld) return;
        isHeld = true;
        answer.running.pause();
      },
    });
    await vi.waitFor(() => expect(isHeld).toBe(true));
    await roundTrips();
    const heldAt = answer.calls.at(-1)?.length;
    await roundTrips();
    expect(answer.calls.at(-1)?.length).toBe(heldAt);
    answer.running.resume();
    await answer.done;
    expect(answer.calls.length).toBe(3);
    expect(answer.calls[1] === `data ${body}`).toBe(true);
    expect(sockets).toHaveLength(1);
  });

  it("is left at once by an abort", async () => {
    trustAnybody();
    const { url, sockets, server } = await startSecure();
    server.removeAllListeners("request").on("request", (_request, response) => response.write("first"));
    const answer = ask(connectionsTo(url));
    await vi.waitFor(() => expect(answer.calls).toEqual(["head 200", "data first"]));
    answer.running.abort();
    await closed(sockets[0]);
    expect(answer.calls).toEqual(["head 200", "data first"]);
  });

  it.each([
    ["ends", (socket: Socket) => socket.end()],
    ["is cut off", (socket: Socket) => socket.destroy()],
  ])("has not answered when the connection %s before the end", async (_way, breaks) => {
    trustAnybody();
    const { url, server } = await startSecure();
    server.removeAllListeners("request").on("request", ({ socket }, response) => {
      response.write("first", () => breaks(socket));
    });
    const answer = ask(connectionsTo(url));
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data first", "error"]);
  });
});
