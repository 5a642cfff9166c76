/** A remote is measured by what it streams, whatever it knows of its own. */
import { afterEach, expect, it } from "vitest";
import { gap } from "../../tests/harness/mock-behaviours.ts";
import { type MockEngine, mockEngine } from "../../tests/harness/mock-engine.ts";
import { ended, openMeasureRig } from "./test-support.ts";

let engine: MockEngine;
afterEach(() => engine[Symbol.asyncDispose]());

const gapMs = 10;

it("has figures for 1 and 4 at once, and is told nothing that only llama-server knows", async () => {
  const words = Array.from({ length: 21 }, (_, index) => ` word${index}`);
  engine = await mockEngine({ behaviour: gap(gapMs, words) });
  const { rig, service } = await openMeasureRig();
  await rig.slots.load(rig.ports[0], { remote: { base_url: engine.baseUrl, model: "mock" } });
  const measure = { promptTokens: 32, outputTokens: 21, rounds: 1 };
  const { results } = await ended(service, service.measure({ modelId: "mock", measure, load: null }).id);
  if (results?.kind !== "text") throw new Error("no figures");
  expect(results).toMatchObject({ engine: "remote", output_tokens: 21, prompt_tokens: 7, estimated: false });
  const [one, four] = results.figures.map(({ generation_tokens_per_s }) => generation_tokens_per_s ?? 0);
  // A word comes every 10 ms at the earliest; four at once are four times as many, where the machine keeps up.
  expect(one).toBeGreaterThan(0);
  expect(one).toBeLessThanOrEqual(1_000 / gapMs);
  expect(four).toBeGreaterThan(2 * (one ?? 0));
  expect(results.figures[0]?.first_token_ms).toBeGreaterThanOrEqual(gapMs - 1);
  const asked = engine.requests.map(({ target, body }) => [target, Object.keys(JSON.parse(body)).length]);
  expect(new Set(asked.map(String))).toEqual(new Set(["/v1/chat/completions,5"]));
  expect(new Set(engine.requests.map(({ body }) => body)).size).toBe(engine.requests.length);
});
