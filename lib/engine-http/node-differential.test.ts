import { request } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ask, connectionsTo, startEngine } from "./test-support/engine.ts";

/** What a client makes of an answer. */
interface Outcome {
  status: number;
  body: string;
  isWhole: boolean;
}

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const text = fc.stringMatching(/^[ -~]{0,30}$/);
const extension = fc.oneof(
  fc.constant(""),
  fc.tuple(token, token).map(([name, value]) => `;${name}=${value}`),
);
const header = fc.tuple(token, text).map(([name, value]) => `x-${name}: ${value}\r\n`);
const piece = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const interim = fc.constantFrom(
  "",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n",
);
const statusOf = fc.constantFrom(
  "200 OK",
  "201 ",
  "400 Bad Request",
  "429 Too Many Requests",
  "500 Oh",
  "204 None",
);

/** An answer by the rules, in one of the three ways to tell a body's end. */
const answer = fc
  .record({
    interim,
    status: statusOf,
    version: fc.constantFrom("1.1", "1.1", "1.0"),
    before: fc.array(header, { maxLength: 4 }),
    after: fc.array(header, { maxLength: 4 }),
    framing: fc.constantFrom("length", "chunked", "close"),
    pieces: fc.array(fc.tuple(piece, extension), { maxLength: 6 }),
    trailers: fc.array(header, { maxLength: 2 }),
    capital: fc.boolean(),
    cutBytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  })
  .map((parts) => {
    const body = Buffer.concat(parts.pieces.map(([bytes]) => bytes));
    const named = {
      length: `content-length: ${body.length}\r\n`,
      chunked: "transfer-encoding: chunked\r\n",
      close: "",
    };
    const own = named[parts.framing as keyof typeof named];
    const headers = [...parts.before, parts.capital ? own.toUpperCase() : own, ...parts.after].join("");
    const head = `${parts.interim}HTTP/${parts.version} ${parts.status}\r\n${headers}\r\n`;
    const chunks = parts.pieces.map(([bytes, extended]) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}${extended}\r\n`), bytes, Buffer.from("\r\n")]),
    );
    const last = Buffer.from(`0\r\n${parts.trailers.join("")}\r\n`);
    const sent = parts.status.startsWith("204")
      ? []
      : parts.framing === "chunked"
        ? [...chunks, last]
        : [body];
    const wire = Buffer.concat([Buffer.from(head), ...sent]);
    return wire.subarray(0, wire.length - parts.cutBytes);
  });

const cuts = fc.array(fc.nat({ max: 3_000 }), { maxLength: 8 });

/** Writes an answer in pieces, and then ends the connection. */
async function send(socket: Socket, wire: Buffer, at: readonly number[]): Promise<void> {
  socket.setNoDelay(true);
  const ends = [...at.filter((end) => end < wire.length), wire.length].sort((one, other) => one - other);
  for (let index = 0, start = 0; index < ends.length; start = ends[index++] ?? 0) {
    socket.write(wire.subarray(start, ends[index]));
    await nextTurn();
  }
  socket.end();
}

function askNode(port: string): Promise<Outcome | null> {
  return new Promise((resolve) => {
    const asking = request({ host: "127.0.0.1", port, method: "POST", agent: false }, (response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (data) => {
        body += data;
      });
      response.on("error", () => {}); // `close` follows, and `complete` tells.
      response.on("close", () =>
        resolve({ status: response.statusCode ?? 0, body, isWhole: response.complete }),
      );
    });
    asking.on("error", () => resolve(null));
    asking.setHeader("content-length", 0).end();
  });
}

async function askOurs(url: URL): Promise<Outcome | null> {
  const recorder = ask(connectionsTo(url));
  await recorder.done;
  const [head, data] = recorder.calls;
  if (!head?.startsWith("head ")) return null;
  const body = data?.startsWith("data ") ? data.slice("data ".length) : "";
  return { status: Number(head.slice("head ".length)), body, isWhole: recorder.calls.includes("end") };
}

it("makes of any answer by the rules what Node's own client makes of it, whole or broken off", async () => {
  let next: { wire: Buffer; at: readonly number[] } = { wire: Buffer.alloc(0), at: [] };
  const { url } = await startEngine(({ socket }) => void send(socket, next.wire, next.at));
  let whole = 0;
  let broken = 0;
  await fc.assert(
    fc.asyncProperty(answer, cuts, async (wire, at) => {
      next = { wire, at };
      const theirs = await askNode(url.port);
      expect(await askOurs(url)).toEqual(theirs);
      if (theirs?.isWhole) whole++;
      else broken++;
    }),
    { numRuns: 400, seed: 20_261_125 },
  );
  expect(whole).toBeGreaterThan(100);
  expect(broken).toBeGreaterThan(50);
});
