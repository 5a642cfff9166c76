import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StateFeed } from "./state-feed.ts";

let state: unknown;
let looks: number;
let changed: (() => void) | null;
let errors: unknown[];
let feed: StateFeed;
/** Answers of looks that are under way, where a test wants them to take their time. */
let slow: ((value: unknown) => void)[] | null;

beforeEach(() => {
  vi.useFakeTimers();
  [state, looks, changed, errors, slow] = ["a", 0, null, [], null];
  feed = new StateFeed(
    {
      snapshot: async () => {
        looks++;
        if (slow) return new Promise((resolve) => slow?.push(resolve));
        if (state instanceof Error) throw state;
        return state;
      },
      subscribe: (listener) => {
        changed = listener;
        return () => {
          changed = null;
        };
      },
    },
    (error) => errors.push(error),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

const watch = () => {
  const got: string[] = [];
  return { got, stop: feed.watch((json) => got.push(json)) };
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("who watches", () => {
  test("gets the state at once, and again only when it is another", async () => {
    const { got } = watch();
    await pass(0);
    expect(got).toEqual(['"a"']);
    changed?.();
    await pass(300);
    expect([looks, got.length]).toEqual([2, 1]);
    state = "b";
    changed?.();
    await pass(300);
    expect(got).toEqual(['"a"', '"b"']);
  });

  test("gets one of many changes in a short time: the last one", async () => {
    const { got } = watch();
    await pass(0);
    for (let version = 0; version < 100; version++) {
      state = version;
      changed?.();
      await pass(1);
    }
    await pass(300);
    expect(got).toEqual(['"a"', "99"]);
    expect(looks).toBeLessThanOrEqual(3);
  });

  test("shares each look with all others", async () => {
    const watchers = Array.from({ length: 50 }, watch);
    await pass(300);
    state = "b";
    changed?.();
    await pass(300);
    expect(watchers.every(({ got }) => got.join() === '"a","b"')).toBe(true);
    expect(looks).toBeLessThanOrEqual(3);
  });

  test("is never told an older state after a newer one, however long a look takes", async () => {
    slow = [];
    const first = watch();
    await pass(0);
    const second = watch();
    changed?.();
    await pass(1_000);
    expect(looks).toBe(1); // The next look waits for this one.
    slow[0]?.("old");
    await pass(300);
    expect([first.got, second.got]).toEqual([['"old"'], []]);
    slow[1]?.("new");
    await pass(0);
    expect([first.got, second.got]).toEqual([['"old"', '"new"'], ['"new"']]);
  });

  test("is told after a look that failed", async () => {
    state = new Error("no figures");
    const { got } = watch();
    await pass(0);
    expect([got, errors.length]).toEqual([[], 1]);
    state = "b";
    changed?.();
    await pass(300);
    expect(got).toEqual(['"b"']);
  });
});

test("nobody looks while nobody watches", async () => {
  const { got, stop } = watch();
  await pass(0);
  const tell = changed;
  stop();
  expect(changed).toBeNull();
  tell?.();
  state = "b";
  await pass(1_000);
  expect([looks, got.length]).toEqual([1, 1]);
  const again = watch();
  await pass(300);
  expect(again.got).toEqual(['"b"']);
});
