import { expect, test } from "vitest";
import { formatBytes, formatSeconds } from "./report.mjs";
import { recordedReport } from "./test-support.ts";

test("bytes and seconds are short and have units", () => {
  expect([12_345, 98_362_432, 2_345_000_000].map(formatBytes)).toEqual(["12 kB", "98.4 MB", "2.35 GB"]);
  expect([80, 9_940, 61_200].map(formatSeconds)).toEqual(["0.1 s", "9.9 s", "61 s"]);
});

test("without a terminal there are whole lines and no control characters", () => {
  const { report, text } = recordedReport();
  report.begin("Model");
  report.bytes(12_000_000, 98_000_000);
  report.tick();
  report.done("from the cache");
  expect(text()).toMatch(
    /^Model \.\.\.\n {2}Model: 12\.0 MB of 98\.0 MB, 0\.\d s\n {2}Model: from the cache, 0\.\d s\n$/,
  );
});

test("on a terminal one line is overwritten, and never wider than the terminal", () => {
  const { report, text } = recordedReport(true);
  report.begin("Model");
  report.detail("x".repeat(200));
  report.tick();
  report.failed();
  const lines = text().split("\r\x1b[2K");
  expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThan(60);
  expect(lines.at(-1)).toContain("Model: failed\n");
});
