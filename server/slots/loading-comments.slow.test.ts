/** It takes more than the 10 s for which a stream's status is held. */
import { expect, it } from "vitest";
import { adminKey } from "../../lib/admin/testing/services.ts";
import { chat, hello } from "../../tests/harness/chat.ts";
import { wrapEngine } from "./test-support/engine-trouble.ts";
import { openGateway } from "./test-support/open-gateway.ts";

it("a stream that waits for a load is told when it is expected to be done", async () => {
  const { rig, target } = await openGateway(adminKey, { helpers: { learnedLoadMs: async () => 30_000 } });
  await wrapEngine(rig, "sleep 16");
  const response = await chat(target, { ...hello, model: "tiny-text", stream: true });
  expect(response.status).toBe(200);
  const body = await response.text();
  const comments = body.split("\n").filter((line) => line.startsWith(": "));
  expect(comments.length).toBeGreaterThanOrEqual(2);
  const expected = comments.map((line) =>
    Number(/^: loading the model, queued 1, about (\d+) s$/.exec(line)?.[1]),
  );
  // About 20 s are left after 10, some more where it took time until the engine was started, and 5 fewer 5 s later.
  expect(expected[0]).toBeGreaterThan(15);
  expect(expected[0]).toBeLessThan(28);
  expect(expected[1]).toBeLessThan(expected[0] ?? 0);
  expect(body).toContain("[DONE]");
});
