import pino from "pino";
import { expect, it } from "vitest";
import { openTestDatabase } from "../../server/database/testing/test-database.ts";
import { audit } from "./audit.ts";

const actor = { userId: null, keyId: null, requestId: "req_1" };

it("says in the log what the audit log could not take, and lets the action stand", async () => {
  const { database, remove } = await openTestDatabase();
  await remove();
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  await audit({ database, log }, actor, "slot.unload", "slot:4801");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: 50,
    action: "slot.unload",
    target: "slot:4801",
    actor,
  });
});
