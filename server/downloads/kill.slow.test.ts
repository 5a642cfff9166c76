import { test } from "vitest";
import { killAndComplete } from "./testing/kill-download.ts";

test("a download whose process is killed ten times at random ends complete and verified", () =>
  killAndComplete(10));
