import { expect, it } from "vitest";
import { DatabaseError } from "../lib/data/types.ts";
import { settleInterrupted } from "./interrupted-requests.ts";

const warned: object[] = [];
const log = { warn: (details: object) => void warned.push(details) };

it("tells how many were settled", async () => {
  await settleInterrupted({ settleOpenRequests: async () => 0 }, "/data", log);
  expect(warned).toEqual([]);
  await settleInterrupted({ settleOpenRequests: async () => 2 }, "/data", log);
  expect(warned).toEqual([{ requests: 2 }]);
});

it("says what to do on a full disk", async () => {
  const full = new DatabaseError("database or disk is full", "SQLITE_FULL");
  const settled = settleInterrupted({ settleOpenRequests: () => Promise.reject(full) }, "/data", log);
  await expect(settled).rejects.toThrow("database or disk is full. Free some space for /data");
});
