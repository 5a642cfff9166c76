import type { Socket } from "node:net";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { answerOf, ask, closed, connectionsTo, originOf, startEngine } from "./test-support/engine.ts";

const ends = (socket: Socket) => socket.end();
const resets = (socket: Socket) => socket.resetAndDestroy();
const part = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell";

/** An engine that answers the first request of all, and does something else with those after it. */
async function startTreacherous(then: (socket: Socket) => void) {
  const engine = await startEngine(({ socket }) => {
    if (engine.asked.length === 1) socket.write(answerOf(""));
    else then(socket);
  });
  await ask(engine.connections).done;
  return engine;
}

describe("a kept connection that turns out to be closed", () => {
  it.each([
    ["closes it", ends],
    ["resets it", resets],
  ])("is replaced by a new one, unseen by the caller, when the engine %s", async (_way, breaks) => {
    const { asked, connections } = await startTreacherous((socket) => {
      if (asked.length === 2) breaks(socket);
      else socket.write(answerOf("second"));
    });
    const answer = ask(connections, "body");
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data second", "end"]);
    expect(asked.map(({ connection }) => connection)).toEqual([0, 0, 1]);
    expect(asked[2]).toMatchObject({ head: asked[1]?.head, body: asked[1]?.body });
  });

  it("is replaced once, not for ever", async () => {
    const { asked, connections } = await startTreacherous(ends);
    const answer = ask(connections);
    await answer.done;
    expect(answer.calls).toEqual(["error"]);
    expect(asked).toHaveLength(3);
  });

  it("is not replaced when the engine had time to work on the request", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { asked, connections } = await startTreacherous((socket) => {
      vi.advanceTimersByTime(1_000);
      ends(socket);
    });
    const answer = ask(connections);
    await answer.done;
    expect(answer.calls).toEqual(["error"]);
    expect(asked).toHaveLength(2);
  });

  it("can be given up while it is replaced", async () => {
    const { asked, connections, sockets } = await startTreacherous((socket) => {
      if (asked.length === 2) ends(socket);
    });
    const answer = ask(connections);
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    answer.running.abort();
    await closed(sockets[1]);
    expect(answer.calls).toEqual([]);
  });

  it.each([
    ["a part of the head", (socket: Socket) => socket.end("HTTP/1.1 2"), []],
    ["an interim answer", (socket: Socket) => socket.end("HTTP/1.1 100 Continue\r\n\r\n"), []],
    ["no answer of HTTP", (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nx: y\r\n folded\r\n\r\n"), []],
    [
      "the head",
      (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
      ["head 200"],
    ],
    ["a part of the body", (socket: Socket) => socket.end(part), ["head 200", "data hell"]],
  ])("is not replaced when it brought %s: the engine has the request", async (_what, then, calls) => {
    const { asked, connections } = await startTreacherous(then);
    const answer = ask(connections);
    await answer.done;
    expect(answer.calls).toEqual([...calls, "error"]);
    expect(asked).toHaveLength(2);
  });
});

describe("a new connection that breaks", () => {
  it.each([
    ["at once", ends, []],
    ["by a reset", resets, []],
    ["in the body", (socket: Socket) => socket.end(part), ["head 200", "data hell"]],
    ["by nonsense", (socket: Socket) => socket.write("nonsense\r\n\r\n"), []],
  ])("%s is an error, as the request may have been heard", async (_way, breaks, calls) => {
    const { asked, connections, sockets } = await startEngine(({ socket }) => breaks(socket));
    const answer = ask(connections);
    await answer.done;
    expect(answer.calls).toEqual([...calls, "error"]);
    expect(asked).toHaveLength(1);
    await closed(sockets[0]);
  });

  it("says why", async () => {
    const { connections } = await startEngine(({ socket }) => socket.write("nonsense\r\n\r\n"));
    const answer = ask(connections);
    await answer.done;
    expect(answer.error).toMatchObject({ name: "MalformedAnswerError" });
  });

  it("is noticed while the engine does not take what is sent", async () => {
    const { connections, sockets } = await startEngine(() => {});
    const answer = ask(connections, "x".repeat(50_000_000));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]?.pause().end(part);
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data hell", "error"]);
  });
});

describe("a connection that does not come about", () => {
  it("because it is refused is an error, and not within the call", async () => {
    const server = createServer();
    const url = await originOf(server);
    server.close();
    const answer = ask(connectionsTo(url));
    expect(answer.calls).toEqual([]);
    await answer.done;
    expect(answer.error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("within its time is an error", async () => {
    const silent = createServer();
    const url = await originOf(silent, "https:"); // Its part of TLS never comes.
    const sockets: Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket.on("error", () => {})));
    const answer = ask(connectionsTo(url, { connectTimeoutMs: 50 }));
    await answer.done;
    expect(answer.error?.message).toBe(`No connection to 127.0.0.1:${url.port} in 50 ms.`);
    await closed(sockets[0]?.resume());
  });

  it("is a matter of connecting alone: an answer may take longer", async () => {
    const { connections } = await startEngine(
      ({ socket }) => void setTimeout(() => socket.write(answerOf("late")), 150),
      { connectTimeoutMs: 50 },
    );
    const answer = ask(connections);
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data late", "end"]);
  });
});

describe("what a handler throws", () => {
  const wire = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n2\r\nho\r\n0\r\n\r\n";
  const fails = () => {
    throw new Error("the handler's own");
  };

  it.each([
    ["onHead", ["head 200"]],
    ["onData", ["head 200", "data hi"]],
    ["onEnd", ["head 200", "data hiho", "end"]],
  ])("in %s comes back to it as an error, and ends the connection", async (name, calls) => {
    const { connections, sockets } = await startEngine(({ socket }) => socket.write(wire));
    const answer = ask(connections, "", { [name]: fails });
    await vi.waitFor(() => expect(answer.calls).toEqual([...calls, "error"]));
    expect(answer.error?.message).toBe("the handler's own");
    await closed(sockets[0]);
  });

  it("at an end that comes with the connection's, too", async () => {
    const { connections } = await startEngine(({ socket }) => socket.end("HTTP/1.1 200 OK\r\n\r\nhi"));
    const answer = ask(connections, "", { onEnd: fails });
    await vi.waitFor(() => expect(answer.calls).toEqual(["head 200", "data hi", "end", "error"]));
  });
});
