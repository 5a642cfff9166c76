import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  answerOf,
  ask,
  closed,
  connectionsTo,
  originOf,
  roundTrips,
  startEngine,
} from "./test-support/engine.ts";

const head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";

describe("abort closes the connection and calls nothing more", () => {
  it("while it is connecting", async () => {
    const sockets: Socket[] = [];
    const onSocket = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
    subscribe("net.client.socket", onSocket);
    onTestFinished(() => void unsubscribe("net.client.socket", onSocket));
    const { asked, connections } = await startEngine(() => {});
    const answer = ask(connections);
    expect(sockets[0]?.connecting).toBe(true);
    expect(answer.running.hasSent).toBe(false);
    answer.running.abort();
    await closed(sockets[0]);
    await roundTrips();
    expect(answer.calls).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("while TLS is being agreed on", async () => {
    const silent = createServer();
    const sockets: Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket.on("error", () => {}).resume()));
    const answer = ask(connectionsTo(await originOf(silent, "https:")));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    expect(answer.running.hasSent).toBe(false);
    answer.running.abort();
    await closed(sockets[0]);
    expect(answer.calls).toEqual([]);
  });

  it("while the request is being sent", async () => {
    const { connections, sockets } = await startEngine(() => {});
    const answer = ask(connections, "x".repeat(50_000_000));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    answer.running.abort();
    await closed(sockets[0]);
    expect(answer.calls).toEqual([]);
  });

  it("before the head", async () => {
    const { asked, connections, sockets } = await startEngine(() => {});
    const answer = ask(connections);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(answer.running.hasSent).toBe(true);
    answer.running.abort();
    answer.running.abort();
    await closed(sockets[0]);
    expect(answer.calls).toEqual([]);
  });

  it("in the middle of the body, with no data at hand", async () => {
    const { connections, sockets } = await startEngine(({ socket }) => socket.write(`${head}hello`));
    const answer = ask(connections);
    await vi.waitFor(() => expect(answer.calls).toEqual(["head 200", "data hello"]));
    answer.running.abort();
    await closed(sockets[0]);
    expect(answer.calls).toEqual(["head 200", "data hello"]);
  });

  it.each([
    ["onHead", ["head 200"]],
    ["onData", ["head 200", "data first"]],
  ])("from %s, whatever has been read already", async (name, calls) => {
    const wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n3\r\nend\r\n0\r\n\r\n";
    const { connections, sockets } = await startEngine(({ socket }) => socket.write(wire));
    const answer = ask(connections, "", { [name]: () => answer.running.abort() });
    await closed(await vi.waitFor(() => sockets[0] ?? Promise.reject(new Error("Not connected yet."))));
    expect(answer.calls).toEqual(calls);
  });

  it("while it is paused", async () => {
    const { connections, sockets } = await startEngine(({ socket }) => socket.write(`${head}hello`));
    const answer = ask(connections, "", { onData: () => answer.running.pause() });
    await vi.waitFor(() => expect(answer.calls).toHaveLength(2));
    answer.running.abort();
    answer.running.resume();
    await closed(sockets[0]);
    expect(answer.calls).toEqual(["head 200", "data hello"]);
  });

  it("on a kept connection, which is not asked again", async () => {
    const { asked, connections, sockets } = await startEngine(({ socket, body }) => {
      if (body.toString() !== "silence") socket.write(answerOf(""));
    });
    await ask(connections).done;
    const answer = ask(connections, "silence");
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    answer.running.abort();
    await closed(sockets[0]);
    await ask(connections).done;
    expect(answer.calls).toEqual([]);
    expect(asked.map(({ connection }) => connection)).toEqual([0, 0, 1]);
  });
});

describe("after its answer a request has no hold on the connection", () => {
  it.each(["abort", "pause"] as const)("%s leaves the next request alone", async (action) => {
    const { asked, connections } = await startEngine(({ socket, body }) =>
      socket.write(body.toString() === "2" ? `${head}hello` : answerOf("")),
    );
    const first = ask(connections, "1");
    await first.done;
    const second = ask(connections, "2");
    await vi.waitFor(() => expect(second.calls).toEqual(["head 200", "data hello"]));
    first.running[action]();
    asked[1]?.socket.write("world");
    await second.done;
    expect(second.calls).toEqual(["head 200", "data helloworld", "end"]);
    expect(asked.map(({ connection }) => connection)).toEqual([0, 0]);
  });

  it("resume does not wake the next request up", async () => {
    const { asked, connections } = await startEngine(({ socket, body }) =>
      socket.write(body.toString() === "2" ? `${head}hello` : answerOf("")),
    );
    const first = ask(connections, "1");
    await first.done;
    const second = ask(connections, "2", { onData: () => second.running.pause() });
    await vi.waitFor(() => expect(second.calls).toEqual(["head 200", "data hello"]));
    first.running.resume();
    asked[1]?.socket.write("world");
    await roundTrips();
    expect(second.calls).toEqual(["head 200", "data hello"]);
    second.running.resume();
    await second.done;
  });

  it("abort at its very end closes it", async () => {
    const { connections, sockets } = await startEngine(({ socket }) => socket.write(answerOf("hi")));
    const answer = ask(connections, "", { onEnd: () => answer.running.abort() });
    await answer.done;
    await closed(sockets[0]);
    expect(answer.calls).toEqual(["head 200", "data hi", "end"]);
  });
});
