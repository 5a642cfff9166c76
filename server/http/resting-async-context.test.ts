import { type AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideAsyncContext, restingWhenIdle } from "./resting-async-context.ts";

/** From version 24 on Node keeps contexts without hooks: there is nothing that could rest. */
const hasHooks = Number.parseInt(process.versions.node, 10) < 24;
const request = {} as IncomingMessage;
let response: ServerResponse;
let storage: AsyncLocalStorage<string>;

beforeEach(() => {
  vi.useFakeTimers();
  provideAsyncContext();
  // As Next does it: with the class that it finds there.
  const { AsyncLocalStorage: Provided } = globalThis as unknown as {
    AsyncLocalStorage: typeof AsyncLocalStorage;
  };
  storage = new Provided();
  response = Object.assign(new EventEmitter(), { closed: false }) as unknown as ServerResponse;
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(globalThis, "AsyncLocalStorage");
});

/** Runs a handler inside the storage; `look` tells what the storage holds for it from then on. */
function openHandler() {
  let finish = () => {};
  let look = () => storage.getStore();
  const handle = restingWhenIdle(() =>
    storage.run("request", async () => {
      look = AsyncResource.bind(() => storage.getStore());
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    }),
  );
  const handled = handle(request, response) as Promise<void>;
  return { look: () => look(), finish: () => finish(), handled };
}

describe("Next's async context", () => {
  it("lasts as long as the handler runs, also when its client has left", async () => {
    const { look, finish, handled } = openHandler();
    Object.assign(response, { closed: true });
    response.emit("close");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(look()).toBe("request");
    finish();
    await handled;
  });

  it("lasts as long as the answer is on its way", async () => {
    const { look, finish, handled } = openHandler();
    finish();
    await handled;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(look()).toBe("request");
  });

  it("rests a second after both, and wakes with the next request", async () => {
    const { look, finish, handled } = openHandler();
    finish();
    await handled;
    response.emit("close");
    await vi.advanceTimersByTimeAsync(900);
    expect(look()).toBe("request");
    await vi.advanceTimersByTimeAsync(200);
    expect(look()).toBe(hasHooks ? undefined : "request");
    await storage.run("next", async () => {
      await Promise.resolve();
      expect(storage.getStore()).toBe("next");
    });
  });
});
