/**
 * Next's async context, at rest while Next has nothing to do. As long as one `AsyncLocalStorage` is in use, Node 20 and 22
 * call a hook for every promise, timer and write of the whole process: 20 us of each `/v1` request, which has no use for it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { NodeHandler } from "./server.ts";

/** What Next still does after an answer, as logging, takes milliseconds. */
const restAfterMs = 1_000;

/** Every storage that Next made; `run` wakes one again. */
const storages = new Set<AsyncLocalStorage<unknown>>();

class RestingAsyncLocalStorage<Store> extends AsyncLocalStorage<Store> {
  constructor() {
    super();
    storages.add(this as AsyncLocalStorage<unknown>);
  }
}

/** Makes Next take storages that can rest. Call it before Next is loaded: it takes the class it finds on `globalThis`. */
export function provideAsyncContext(): void {
  Object.assign(globalThis, { AsyncLocalStorage: RestingAsyncLocalStorage });
}

/** Puts the storages to rest when Next's handler has not run for a second, the first time a second from now. */
export function restingWhenIdle(handle: NodeHandler): NodeHandler {
  let running = 0;
  const rest = () => {
    if (running === 0) for (const storage of storages) storage.disable();
  };
  const timer = setTimeout(rest, restAfterMs).unref();
  const done = () => {
    running--;
    timer.refresh();
  };
  return async (request, response) => {
    running++;
    try {
      await handle(request, response);
    } finally {
      // A client may leave before Next has finished, and an answer may still be on its way when it has.
      if (response.closed) done();
      else response.once("close", done);
    }
  };
}
