import { test } from "vitest";
import { killAndComplete } from "./testing/kill-download.ts";

test("a download whose process is killed ends complete and verified", () => killAndComplete(1), 120_000);
