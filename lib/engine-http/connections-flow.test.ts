import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { answerOf, ask, roundTrips, startEngine } from "./test-support/engine.ts";

const sizeBytes = 32 * 1024 * 1024;
/** More than a connection holds on its way, and no two stretches alike. */
const large = Buffer.alloc(sizeBytes);
for (let at = 0; at < sizeBytes; at += 4) large.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
const fingerprint = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const length = `HTTP/1.1 200 OK\r\ncontent-length: ${sizeBytes}\r\n\r\n`;

/** Sends the large body by chunks of changing sizes. */
async function sendChunks(socket: Socket): Promise<void> {
  socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  for (let at = 0, next = 1; at < sizeBytes; at += next, next = (next * 7 + 13) % 200_000) {
    const chunk = large.subarray(at, at + Math.max(next, 1));
    next = chunk.length;
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    if (!socket.write("\r\n")) await once(socket, "drain");
  }
  socket.write("0\r\n\r\n");
}

const ways: [string, (socket: Socket) => unknown][] = [
  ["of known length", (socket) => socket.write(length) && socket.write(large)],
  ["in chunks", sendChunks],
  ["that ends with the connection", (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n") && socket.end(large)],
];

/** Counts, as a recorder would have to copy. */
function gather() {
  const pieces: Buffer[] = [];
  const gathered = {
    bytes: 0,
    take: (piece: Buffer) => {
      pieces.push(Buffer.from(piece));
      gathered.bytes += piece.length;
    },
    whole: () => Buffer.concat(pieces),
  };
  return gathered;
}

describe.each(ways)("a large answer %s", (_kind, send) => {
  it("comes whole", async () => {
    const { connections } = await startEngine(({ socket }) => void send(socket));
    const gathered = gather();
    const { done, error } = post(connections, gathered.take);
    await done;
    expect(error()).toBeNull();
    expect(fingerprint(gathered.whole())).toBe(fingerprint(large));
  });

  it("waits while it is paused, and holds its sender", async () => {
    const { connections, sockets } = await startEngine(({ socket }) => void send(socket));
    const gathered = gather();
    const { running, done, error } = post(connections, (piece) => {
      gathered.take(piece);
      if (gathered.bytes > 100_000) running.pause();
    });
    await vi.waitFor(() => expect(gathered.bytes).toBeGreaterThan(100_000));
    const heldBytes = gathered.bytes;
    await roundTrips();
    expect(gathered.bytes).toBe(heldBytes);
    expect(sockets[0]?.writableLength).toBeGreaterThan(0);
    gathered.bytes = -sizeBytes; // No further pause.
    running.resume();
    await done;
    expect(error()).toBeNull();
    expect(fingerprint(gathered.whole())).toBe(fingerprint(large));
  });

  it("loses nothing by many pauses", async () => {
    const { connections } = await startEngine(({ socket }) => void send(socket));
    const gathered = gather();
    let pauses = 0;
    const { running, done, error } = post(connections, (piece) => {
      gathered.take(piece);
      running.pause();
      pauses++;
      setImmediate(() => running.resume());
    });
    await done;
    expect(error()).toBeNull();
    expect(pauses).toBeGreaterThan(100);
    expect(fingerprint(gathered.whole())).toBe(fingerprint(large));
  });
});

function post(connections: Parameters<typeof ask>[0], onData: (bytes: Buffer) => void) {
  let failure: Error | null = null;
  let settle = () => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const onError = (error: Error) => {
    failure = error;
    settle();
  };
  const running = connections.post("/", "", { onHead: () => {}, onData, onEnd: settle, onError });
  return { running, done, error: () => failure };
}

describe("a pause", () => {
  it("in the very read that brings the end does not stop the connection's next answer", async () => {
    const { asked, connections } = await startEngine(({ socket, body }) =>
      socket.write(answerOf(`to ${body}`)),
    );
    for (const body of ["1", "2", "3"]) {
      const answer = ask(connections, body, { onData: () => answer.running.pause() });
      await answer.done;
      expect(answer.calls).toEqual(["head 200", `data to ${body}`, "end"]);
    }
    expect(asked.map(({ connection }) => connection)).toEqual([0, 0, 0]);
  });

  it("at the end itself does not either", async () => {
    const { asked, connections } = await startEngine(({ socket }) => socket.write(answerOf("hi")));
    for (let turn = 0; turn < 3; turn++) {
      const answer = ask(connections, "", { onEnd: () => answer.running.pause() });
      await answer.done;
      expect(answer.calls).toEqual(["head 200", "data hi", "end"]);
    }
    expect(asked.map(({ connection }) => connection)).toEqual([0, 0, 0]);
  });

  it("holds back an end that comes later", async () => {
    const { asked, connections } = await startEngine(({ socket }) =>
      socket.write("HTTP/1.1 200 OK\r\n\r\nall there is"),
    );
    const answer = ask(connections);
    await vi.waitFor(() => expect(answer.calls).toEqual(["head 200", "data all there is"]));
    answer.running.pause();
    asked[0]?.socket.end(", nearly");
    await roundTrips();
    expect(answer.calls).toEqual(["head 200", "data all there is"]);
    answer.running.resume();
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data all there is, nearly", "end"]);
  });

  it("before there is a connection is as good as later", async () => {
    const { asked, connections } = await startEngine(({ socket }) => socket.write(answerOf("hi")));
    const answer = ask(connections);
    answer.running.pause();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await roundTrips();
    expect(answer.calls).toEqual([]);
    answer.running.resume();
    await answer.done;
    expect(answer.calls).toEqual(["head 200", "data hi", "end"]);
  });
});
