import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClientStream } from "./client-stream.ts";
import { openExchange } from "./exchange.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const openStream = () => new ClientStream(openExchange(new Request("http://localhost/v1/chat/completions")));
const bodyOf = async (client: ClientStream) => {
  const { body } = await client.response;
  if (!body) throw new Error("A stream has a body.");
  return body;
};
const readAll = async (client: ClientStream) => (await client.response).text();

describe("ClientStream", () => {
  it("holds the status until the first bytes", async () => {
    const client = openStream();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(client.isOpen).toBe(false);
    client.send(Buffer.from("data: 1\n\n"));
    expect(client.isOpen).toBe(true);
    client.finish(Buffer.from("data: [DONE]\n\n"));
    expect((await client.response).headers.get("content-type")).toBe("text/event-stream");
    expect(await readAll(client)).toBe("data: 1\n\ndata: [DONE]\n\n");
  });

  it("opens after 10 s and keeps the connection alive with comments until the answer comes", async () => {
    const client = openStream();
    client.status = "queued 3, about 4 s";
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.isOpen).toBe(true);
    client.status = "working";
    await vi.advanceTimersByTimeAsync(5_000);
    client.send(Buffer.from("data: 1\n\n"));
    await vi.advanceTimersByTimeAsync(60_000);
    client.finish(Buffer.from("data: 2\n\n"));
    expect(await readAll(client)).toBe(": queued 3, about 4 s\n\n: working\n\ndata: 1\n\ndata: 2\n\n");
  });

  it("gives a request that fails before its status the failure instead of a stream", async () => {
    const client = openStream();
    client.fail(new Error("no engine"));
    await expect(client.response).rejects.toThrow("no engine");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(client.isOpen).toBe(false);
  });

  it("asks for a pause when the client does not read, and goes on when it does", async () => {
    const client = openStream();
    client.send(Buffer.alloc(63 * 1024));
    expect(client.wantsMore).toBe(true);
    client.send(Buffer.alloc(2 * 1024));
    expect(client.wantsMore).toBe(false);
    const onDrain = vi.fn();
    client.onDrain = onDrain;
    const reader = (await bodyOf(client)).getReader();
    await reader.read();
    expect(onDrain).toHaveBeenCalledOnce();
    expect(client.wantsMore).toBe(true);
    await vi.advanceTimersByTimeAsync(120_000);
    client.finish(Buffer.from("end"));
    expect(Buffer.from((await reader.read()).value ?? []).length).toBe(2 * 1024);
  });

  it("gives up a client that reads nothing for a minute", async () => {
    const onLeft = vi.fn();
    const client = openStream();
    client.onLeft = onLeft;
    client.send(Buffer.alloc(65 * 1024));
    expect(client.wantsMore).toBe(false);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(onLeft).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onLeft).toHaveBeenCalledOnce();
    await expect(readAll(client)).rejects.toThrow(/stopped reading/);
    client.send(Buffer.from("late"));
    client.finish(Buffer.from("later"));
  });

  it("tells when the client cancels, and drops what comes after", async () => {
    const onLeft = vi.fn();
    const client = openStream();
    client.onLeft = onLeft;
    client.send(Buffer.from("a"));
    await (await bodyOf(client)).cancel();
    expect(onLeft).toHaveBeenCalledOnce();
    client.send(Buffer.from("b"));
    client.finish(Buffer.from("c"));
  });
});
