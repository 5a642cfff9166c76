import { describe, expect, it } from "vitest";
import { bytes, duration, table } from "./output.ts";
import { progressBar } from "./progress.ts";

describe("output", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [2_890_000_000, "2.9 GB"],
    [5e15, "5000 TB"],
  ])("%d bytes are %s", (count, words) => {
    expect(bytes(count)).toBe(words);
  });

  it.each([
    [null, null],
    [0.4, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3_599, "59 min"],
    [7_500, "2 h 5 min"],
    [200_000, "2 d 7 h"],
  ])("%s seconds are %s", (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  it("aligns columns, and puts a dash for nothing", () => {
    const rows = [
      { name: "a", count: 5 },
      { name: "long name", count: null },
    ];
    const lines = table(rows, [
      { heading: "NAME", value: ({ name }) => name },
      { heading: "COUNT", value: ({ count }) => count, align: "right" },
    ]);
    expect(lines).toBe("NAME       COUNT\na              5\nlong name      -");
    expect(table([], [], "No models.")).toBe("No models.");
  });

  it("draws how far a transfer is", () => {
    const transfer = { doneBytes: 500_000_000, sizeBytes: 2_000_000_000, bytesPerS: 31e6, etaS: 48 };
    expect(progressBar(transfer)).toBe(
      "[######------------------] 25 %  500 MB of 2.0 GB  31 MB/s  48 s left",
    );
    expect(progressBar({ doneBytes: 10, sizeBytes: null, bytesPerS: null, etaS: null })).toBe(
      `[${"-".repeat(24)}] 0 %  10 B`,
    );
  });
});
