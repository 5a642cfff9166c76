import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Asked,
  answerOf,
  ask,
  closed,
  connectionsTo,
  originOf,
  type Recorder,
  startEngine,
} from "./test-support/engine.ts";

/** Which connection each request came on. */
const connectionsOf = (asked: readonly Asked[]) => asked.map(({ connection }) => connection);
const answers = ({ socket, body }: Asked) => socket.write(answerOf(`to ${body}`));

describe("a kept connection", () => {
  it("is used again, of several the one that was used last", async () => {
    const { asked, connections } = await startEngine(() => {});
    const bodies = ["a", "b", "c"];
    const running = new Map(bodies.map((body) => [body, ask(connections, body)]));
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    const first = new Map(asked.map((one) => [one.body.toString(), one]));
    for (const body of ["b", "c", "a"]) {
      first.get(body)?.socket.write(answerOf(""));
      await running.get(body)?.done;
    }
    for (const body of ["d", "e", "f", "g"]) ask(connections, body);
    await vi.waitFor(() => expect(asked).toHaveLength(7));
    const second = new Map(asked.slice(3).map((one) => [one.body.toString(), one.connection]));
    const expected = ["a", "c", "b"].map((body) => first.get(body)?.connection);
    expect(["d", "e", "f", "g"].map((body) => second.get(body))).toEqual([...expected, 3]);
  });

  it("brings each request its own answer", async () => {
    const server = createServer((request, response) => {
      request.on("data", (body) => response.write(`to ${body}`)).on("end", () => response.end());
    });
    let opened = 0;
    server.on("connection", () => opened++);
    const connections = connectionsTo(await originOf(server));
    const askMany = async (name: string) => {
      for (let turn = 0; turn < 50; turn++) {
        const answer = ask(connections, `${name} ${turn}`);
        await answer.done;
        expect(answer.calls).toEqual(["head 200", `data to ${name} ${turn}`, "end"]);
      }
    };
    await Promise.all(["a", "b", "c", "d"].map(askMany));
    expect(opened).toBe(4);
  });

  it("gathers no listeners from request to request", async () => {
    const sockets: Socket[] = [];
    const onSocket = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
    subscribe("net.client.socket", onSocket);
    onTestFinished(() => void unsubscribe("net.client.socket", onSocket));
    const { connections } = await startEngine(answers);
    const countListeners = () =>
      sockets.flatMap((socket) => socket.eventNames().map((name) => socket.listenerCount(name)));
    await ask(connections).done;
    const after1 = countListeners();
    for (let turn = 0; turn < 20; turn++) await ask(connections).done;
    expect(sockets).toHaveLength(1);
    expect(after1.length).toBeGreaterThan(0);
    expect(countListeners()).toEqual(after1);
  });

  it("is forgotten when the engine closes it", async () => {
    const { asked, connections, sockets } = await startEngine(answers);
    await ask(connections).done;
    sockets[0]?.end();
    await closed(sockets[0]);
    const answer = ask(connections, "2");
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data to 2", "end"]);
    expect(connectionsOf(asked)).toEqual([0, 1]);
  });
});

describe("a connection is not kept", () => {
  it.each([
    ["that the engine closes", answerOf("hi", "connection: close")],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi"],
    ["that brought more than was asked", `${answerOf("hi")}!`],
    ["that brought a second answer", answerOf("hi") + answerOf("ho")],
    ["that ends before one could be sure to use it", answerOf("hi", "keep-alive: timeout=1")],
  ])("%s", async (_kind, wire) => {
    const { asked, connections, sockets } = await startEngine(({ socket }) => socket.write(wire));
    for (let turn = 0; turn < 2; turn++) {
      const answer = ask(connections);
      await answer.done;
      expect(answer.calls).toEqual(["head 200", "data hi", "end"]);
      await closed(sockets[turn]);
    }
    expect(connectionsOf(asked)).toEqual([0, 1]);
  });

  it("that ends with its answer", async () => {
    const { asked, connections } = await startEngine(({ socket }) => socket.end("HTTP/1.1 200 OK\r\n\r\nhi"));
    for (let turn = 0; turn < 2; turn++) {
      const answer = ask(connections);
      await answer.done;
      expect(answer.calls).toEqual(["head 200", "data hi", "end"]);
    }
    expect(connectionsOf(asked)).toEqual([0, 1]);
  });

  it("that brings more while nobody asks", async () => {
    const { asked, connections, sockets } = await startEngine(answers);
    await ask(connections).done;
    sockets[0]?.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
    await closed(sockets[0]);
    await ask(connections).done;
    expect(connectionsOf(asked)).toEqual([0, 1]);
  });

  it("that brought an answer before all of its request was taken", async () => {
    const { sockets, connections } = await startEngine(() => {});
    const large = ask(connections, "x".repeat(50_000_000));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]?.pause().write(answerOf("too large"));
    await large.done;
    expect(large.calls).toEqual(["head 200", "data too large", "end"]);
    await closed(sockets[0]?.resume());
  });

  it("where that is not wanted", async () => {
    const { asked, connections, sockets } = await startEngine(answers, { keepAlive: false });
    for (let turn = 0; turn < 2; turn++) {
      await ask(connections).done;
      await closed(sockets[turn]);
    }
    expect(connectionsOf(asked)).toEqual([0, 1]);
    expect(asked[0]?.head).toContain("\r\nconnection: close\r\n");
  });

  it("and what came behind an answer is none to a request made at its end", async () => {
    const { connections } = await startEngine(({ socket, body }) =>
      socket.write(answerOf(`to ${body}`) + answerOf("smuggled")),
    );
    const second = new Promise<Recorder>((resolve) => {
      ask(connections, "1", { onEnd: () => resolve(ask(connections, "2")) });
    });
    const answer = await second;
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data to 2", "end"]);
  });
});

describe("how long a connection is kept", () => {
  it.each([
    ["what the engine says, less a second", "keep-alive: timeout=10", 9_000],
    ["a minute at most, less a second", "keep-alive: timeout=600", 59_000],
    ["4 s where it says nothing", "x: y", 4_000],
  ])("is %s", async (_rule, header, keptMs) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { asked, connections } = await startEngine(({ socket }) => socket.write(answerOf("", header)));
    for (const laterMs of [0, keptMs - 1, keptMs - 1, keptMs]) {
      vi.advanceTimersByTime(laterMs);
      await ask(connections).done;
    }
    expect(connectionsOf(asked)).toEqual([0, 0, 0, 1]);
  });

  it("holds for those that nobody asks for: they are closed when their time is over", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const { asked, connections, sockets } = await startEngine(({ socket, body }) =>
      socket.write(answerOf("", `keep-alive: timeout=${body}`)),
    );
    const both = [ask(connections, "3"), ask(connections, "30")];
    await Promise.all(both.map(({ done }) => done));
    vi.advanceTimersByTime(5_000);
    await closed(asked.find(({ body }) => body.toString() === "3")?.socket);
    const left = sockets.filter((socket) => !socket.closed);
    expect(left).toEqual([asked.find(({ body }) => body.toString() === "30")?.socket]);
    vi.advanceTimersByTime(30_000);
    await closed(left[0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("close", () => {
  it("closes what is idle, and lets a running request finish", async () => {
    const { asked, connections, sockets } = await startEngine(() => {});
    const idle = ask(connections, "idle");
    const running = ask(connections, "running");
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    const socketOf = (body: string) => asked.find((one) => one.body.toString() === body)?.socket;
    socketOf("idle")?.write(answerOf(""));
    await idle.done;
    socketOf("running")?.write("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nfirst");
    connections.close();
    await closed(socketOf("idle"));
    expect(running.calls).not.toContain("end");
    socketOf("running")?.write("end");
    await running.done;
    expect(running.calls).toEqual(["head 200", "data firstend", "end"]);
    await closed(socketOf("running"));
    expect(sockets).toHaveLength(2);
  });

  it("keeps nothing of later requests", async () => {
    const { connections, sockets } = await startEngine(answers);
    connections.close();
    const answer = ask(connections, "late");
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data to late", "end"]);
    await closed(sockets[0]);
  });
});
