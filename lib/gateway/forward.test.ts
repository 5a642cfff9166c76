import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { type AnswerSink, forward, wasUnasked } from "./forward.ts";
import { collector, departureOf, engine, remote } from "./testing/leased-engine.ts";

/** `Promise.withResolvers` needs a newer Node than the oldest supported one. */
function withResolvers() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

/** What it rejects with. */
const failure = (promise: Promise<void>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

const stays = () => departureOf(new AbortController().signal);

const request = { path: "/chat/completions", body: '{"stream":true}', isStreamed: true };
const stallMs = 60_000;

describe("forward", () => {
  it("sends the body with the engine's own headers, and feeds the answer as it comes", async () => {
    let seen = "";
    const { lease, progressed } = await engine(async (incoming, response) => {
      for await (const chunk of incoming) seen += chunk;
      seen += `${incoming.url} ${incoming.headers.authorization}`;
      response.write("one ");
      response.end("two");
    });
    const sink = collector();
    await forward(lease, request, stays(), stallMs, sink);
    expect(seen).toBe('{"stream":true}/v1/chat/completions Bearer engine-key');
    expect(sink.text).toBe("one two");
    expect(progressed).toHaveBeenCalled();
  });

  it("cancels the engine's work at once when the client leaves", async () => {
    const closed = withResolvers();
    const client = new AbortController();
    const { lease, suspect } = await engine((_request, response) => {
      response.write("one ");
      response.on("close", () => closed.resolve());
    });
    const sink = collector();
    sink.onData = () => client.abort();
    await expect(forward(lease, request, departureOf(client.signal), stallMs, sink)).rejects.toMatchObject({
      code: "client_closed",
    });
    await closed.promise;
    expect(suspect).not.toHaveBeenCalled();
  });

  it("cancels the engine's work as soon as its sink has enough, and that is a good end", async () => {
    const closed = withResolvers();
    const { lease, suspect } = await engine((_request, response) => {
      response.write("one ");
      response.on("close", () => closed.resolve());
    });
    const sink = { ...collector(), hasEnough: false };
    sink.onData = () => {
      sink.hasEnough = true;
    };
    await forward(lease, request, stays(), stallMs, sink);
    await closed.promise;
    expect(suspect).not.toHaveBeenCalled();
  });

  it("does not ask the engine at all for a client that has left already", async () => {
    const listener = vi.fn();
    const { lease } = await engine(listener);
    const error = await failure(
      forward(lease, request, departureOf(AbortSignal.abort()), stallMs, collector()),
    );
    expect(error).toMatchObject({ code: "client_closed" });
    expect(wasUnasked(error)).toBe(true);
    expect(listener).not.toHaveBeenCalled();
  });

  it("tells a client that leaves before the engine can have heard of it from one that leaves later", async () => {
    const asked = withResolvers();
    const { lease } = await engine(() => asked.resolve());
    const clients = [new AbortController(), new AbortController()] as const;
    const [early, late] = clients.map(({ signal }) =>
      failure(forward(lease, request, departureOf(signal), stallMs, collector())),
    );
    clients[0].abort();
    expect(await early).toMatchObject({ code: "client_closed" });
    expect(wasUnasked(await early)).toBe(true);
    await asked.promise;
    clients[1].abort();
    expect(await late).toMatchObject({ code: "client_closed" });
    expect(wasUnasked(await late)).toBe(false);
  });

  it("says that the engine died when the connection breaks, and has the supervisor look", async () => {
    const { lease, suspect } = await engine((_request, response) => {
      response.write("one ", () => response.socket?.destroy());
    });
    await expect(forward(lease, request, stays(), stallMs, collector())).rejects.toMatchObject({
      code: "engine_crashed",
      status: 502,
    });
    expect(suspect).toHaveBeenCalledWith("connection_lost");
  });

  it("calls it a time-out when the engine had been silent for as long as a stall takes", async () => {
    const { lease } = await engine((_request, response) => {
      setTimeout(() => response.socket?.destroy(), 60);
    });
    await expect(forward(lease, request, stays(), 50, collector())).rejects.toMatchObject({
      code: "engine_timeout",
      status: 504,
    });
  });

  it("gives up a remote engine that falls silent", async () => {
    const { lease } = await engine((_request, response) => {
      response.write("one ");
    });
    lease.engine = remote(lease.engine);
    const sink = collector();
    const given = forward(lease, request, stays(), 50, sink);
    await expect(given).rejects.toMatchObject({ code: "engine_timeout" });
    expect(sink.text).toBe("one ");
  });

  it("has more patience with an engine that answers in one piece", async () => {
    const { lease } = await engine((_request, response) => {
      setTimeout(() => response.end("whole"), 150);
    });
    lease.engine = remote(lease.engine);
    const sink = collector();
    await forward(lease, { ...request, isStreamed: false }, stays(), 100, sink);
    expect(sink.text).toBe("whole");
  });

  it("hands on what the engine refused with", async () => {
    const { lease } = await engine((_request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error":{"message":"Expected \'messages\' to be an array"}}');
    });
    await expect(forward(lease, request, stays(), stallMs, collector())).rejects.toMatchObject({
      status: 400,
      message: "Expected 'messages' to be an array",
    });
  });

  it("does not listen to a refusal without end", async () => {
    const closed = withResolvers();
    const { lease } = await engine((_request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" ".repeat(32 * 1024)), 5);
      response.on("close", () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    await expect(forward(lease, request, stays(), stallMs, collector())).rejects.toMatchObject({
      status: 400,
    });
    await closed.promise;
  });

  it("keeps the engine's key out of what the engine says", async () => {
    const { lease } = await engine((_request, response) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.end('{"error":{"message":"the key engine-key is broken"}}');
    });
    const error = await forward(lease, request, stays(), stallMs, collector()).catch((thrown) => thrown);
    expect(`${error.message} ${error.cause}`).toContain("(key) is broken");
    expect(`${error.message} ${error.cause}`).not.toContain("engine-key");
  });

  it("gives the answer up, and the engine's work with it, when it makes no sense", async () => {
    const closed = withResolvers();
    const { lease } = await engine((_request, response) => {
      response.write("nonsense");
      response.on("close", () => closed.resolve());
    });
    const sink = collector();
    sink.onData = () => {
      throw new Error("nonsense");
    };
    await expect(forward(lease, request, stays(), stallMs, sink)).rejects.toThrow("nonsense");
    await closed.promise;
  });

  it("stops holding the engine when the request ends, however many pieces came in one read", async () => {
    const { lease } = await engine((_request, response) => {
      response.write("one ");
      for (const piece of ["two ", "three"]) response.write(piece);
      response.on("close", () => {});
    });
    const held = vi.spyOn(lease, "held");
    const timers = vi.spyOn(globalThis, "setInterval");
    const cleared = vi.spyOn(globalThis, "clearInterval");
    const client = new AbortController();
    const sink: AnswerSink = { wantsMore: false, onDrain: null, onLeft: null, onData: () => {} };
    const finished = forward(lease, request, departureOf(client.signal), stallMs, sink);
    await vi.waitFor(() => expect(sink.onDrain).not.toBeNull());
    client.abort();
    await expect(finished).rejects.toMatchObject({ code: "client_closed" });
    const made = timers.mock.results.map(({ value }) => value);
    expect(made.filter((timer) => !cleared.mock.calls.flat().includes(timer))).toEqual([]);
    expect(held).toHaveBeenCalledTimes(0);
    vi.restoreAllMocks();
  });

  it("holds the engine while the client does not read, and loses nothing", async () => {
    const piece = Buffer.alloc(256 * 1024, "x");
    let written = 0;
    const pieces = 64;
    const { lease } = await engine(async (_request, response) => {
      for (let index = 0; index < pieces; index++) {
        if (!response.write(piece)) await once(response, "drain");
        written += piece.length;
      }
      response.end();
    });
    let received = 0;
    let wantsMore = false;
    const sink: AnswerSink = {
      get wantsMore() {
        return wantsMore;
      },
      onDrain: null,
      onLeft: null,
      onData: (bytes) => {
        received += bytes.length;
      },
    };
    const finished = forward(lease, request, stays(), stallMs, sink);
    await vi.waitFor(() => expect(sink.onDrain).not.toBeNull());
    const heldAt = received;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(received).toBe(heldAt);
    expect(written).toBeLessThan(pieces * piece.length);
    wantsMore = true;
    sink.onDrain?.();
    await finished;
    expect(received).toBe(pieces * piece.length);
  });
});
