import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClientStream } from "./client-stream.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

async function isOpened(client: ClientStream): Promise<boolean> {
  return Promise.race([client.opened.then(() => true), Promise.resolve().then(() => false)]);
}

async function readAll(client: ClientStream): Promise<string> {
  return new Response(client.body).text();
}

describe("ClientStream", () => {
  it("holds the status until the first bytes", async () => {
    const client = new ClientStream();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(client.isOpen).toBe(false);
    client.send(Buffer.from("data: 1\n\n"));
    expect(await isOpened(client)).toBe(true);
    client.close();
    expect(await readAll(client)).toBe("data: 1\n\n");
  });

  it("opens after 10 s and keeps the connection alive with comments until the answer comes", async () => {
    const client = new ClientStream();
    client.status = "queued 3, about 4 s";
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.isOpen).toBe(true);
    client.status = "working";
    await vi.advanceTimersByTimeAsync(5_000);
    client.send(Buffer.from("data: 1\n\n"));
    await vi.advanceTimersByTimeAsync(60_000);
    client.close();
    expect(await readAll(client)).toBe(": queued 3, about 4 s\n\n: working\n\ndata: 1\n\n");
  });

  it("asks for a pause when the client does not read, and goes on when it does", async () => {
    const client = new ClientStream();
    client.send(Buffer.alloc(63 * 1024));
    expect(client.wantsMore).toBe(true);
    client.send(Buffer.alloc(2 * 1024));
    expect(client.wantsMore).toBe(false);
    const onDrain = vi.fn();
    client.onDrain = onDrain;
    const reader = client.body.getReader();
    await reader.read();
    expect(onDrain).toHaveBeenCalledOnce();
    expect(client.wantsMore).toBe(true);
    await vi.advanceTimersByTimeAsync(120_000);
    client.close();
  });

  it("gives up a client that reads nothing for a minute", async () => {
    const onLeft = vi.fn();
    const client = new ClientStream();
    client.onLeft = onLeft;
    client.send(Buffer.alloc(65 * 1024));
    expect(client.wantsMore).toBe(false);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(onLeft).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onLeft).toHaveBeenCalledOnce();
    await expect(readAll(client)).rejects.toThrow(/stopped reading/);
    client.send(Buffer.from("late"));
    client.close();
  });

  it("tells when the client cancels, and drops what comes after", async () => {
    const onLeft = vi.fn();
    const client = new ClientStream();
    client.onLeft = onLeft;
    client.send(Buffer.from("a"));
    await client.body.cancel();
    expect(onLeft).toHaveBeenCalledOnce();
    client.send(Buffer.from("b"));
    client.close();
  });
});
