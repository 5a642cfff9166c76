import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { withDeadline } from "./deadline.ts";

/** Waits for ever, and holds nothing but its listener. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

it("comes, whatever the garbage collector does", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const collecting = setInterval(collect, 5);
  const client = new AbortController();
  const error = await withDeadline(100, client.signal, untilAborted).catch((caught: unknown) => caught);
  clearInterval(collecting);
  expect(error).toMatchObject({ name: "TimeoutError" });
});

it("passes an abort on, also one that was there before", async () => {
  const client = new AbortController();
  const work = withDeadline(60_000, client.signal, untilAborted);
  client.abort(new Error("gone"));
  await expect(work).rejects.toThrow("gone");
  const seen = withDeadline(60_000, client.signal, async (signal) => signal.aborted);
  await expect(seen).resolves.toBe(true);
});

it("leaves nothing behind", async () => {
  const client = new AbortController();
  expect(await withDeadline(60_000, client.signal, async () => "done")).toBe("done");
  expect(getEventListeners(client.signal, "abort")).toHaveLength(0);
});
