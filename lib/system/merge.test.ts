import { expect, test } from "vitest";
import { medianOf } from "./median.ts";
import { mergeSamples } from "./merge.ts";
import { sample } from "./testing/sample.ts";

const once = (value: number) => ({ avg: value, max: value });

test("averages go by time, peaks stay, counts are added", () => {
  const long = sample({ seconds: 60, cpu_percent: { avg: 10, max: 30 }, requests: 5, tokens_out: 100 });
  const short = sample({ seconds: 20, cpu_percent: { avg: 50, max: 50 }, requests: 1, tokens_out: 7 });
  expect(mergeSamples(long, short)).toMatchObject({
    seconds: 80,
    cpu_percent: { avg: 20, max: 50 },
    requests: 6,
    tokens_out: 107,
  });
});

test("the time to the first token goes by requests, and a minute without any does not count", () => {
  const busy = sample({ requests: 30, first_token_p50_ms: once(100) });
  const idle = sample({ requests: 0, first_token_p50_ms: null });
  const rare = sample({ requests: 10, first_token_p50_ms: once(500) });
  const merged = mergeSamples(mergeSamples(busy, idle), rare);
  expect(merged.first_token_p50_ms).toEqual({ avg: 200, max: 500 });
  expect(mergeSamples(idle, idle).first_token_p50_ms).toBeNull();
});

test("a slot's average is one of the time that it ran the model", () => {
  const slot = (model: string, value: number, seconds: number) => ({
    port: 4801,
    model,
    seconds,
    ram_mb: once(value),
    cpu_percent: null,
  });
  const hour = [
    sample({ seconds: 60, slots: [slot("a", 100, 60)] }),
    sample({ seconds: 600, slots: [slot("b", 7, 600)] }),
    sample({ seconds: 60, slots: [slot("a", 300, 60)] }),
  ].reduce(mergeSamples);
  expect(hour.seconds).toBe(720);
  expect(hour.slots).toEqual([{ ...slot("a", 200, 120), ram_mb: { avg: 200, max: 300 } }, slot("b", 7, 600)]);
});

test("the middle lies between the bounds of its step", () => {
  const bounds = [1, 2, 4];
  expect(medianOf([0, 0, 0, 0], bounds)).toBeNull();
  expect(medianOf([0, 10, 0, 0], bounds)).toBe(1.5);
  expect(medianOf([4, 4, 2, 0], bounds)).toBe(1.25);
  expect(medianOf([0, 0, 1, 0], bounds)).toBe(3);
  expect(medianOf([1, 0, 0, 9], bounds)).toBe(4);
});
