/** An alias is switched while clients use it all the time: none of them may notice. */
import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { POST as switchAlias } from "../../app/admin/api/aliases/switch/route.ts";
import { call } from "../../lib/admin/testing/call.ts";
import { adminKey } from "../../lib/admin/testing/services.ts";
import { chat, counting, hello, openStream, sentence } from "../../tests/harness/chat.ts";
import { openGateway } from "./test-support/open-gateway.ts";
import { lease, text } from "./test-support/open-rig.ts";
import { eventually } from "./test-support/rig.ts";

const clients = 6;
const model = "assistant";

it("loses no request of a steady stream, and unloads the old model when its last request is done", async () => {
  const { rig, target } = await openGateway(adminKey, { config: { aliases: { assistant: "tiny-text" } } });
  const { slots, ports } = rig;
  await slots.load(ports[0], { ...text, parallel: 2 });
  const answers: { model: string; ms: number }[] = [];
  const failures: string[] = [];
  let isOver = false;
  const client = async (isStreaming: boolean) => {
    while (!isOver) {
      const startedMs = performance.now();
      const response = await chat(target, { ...hello, model, stream: isStreaming });
      const body = await response.text();
      const [, answered = "none"] = /"model":"([^"]+)"/.exec(body) ?? [];
      const isComplete = isStreaming ? body.includes("[DONE]") : body.includes(sentence);
      if (response.ok && isComplete) answers.push({ model: answered, ms: startedMs });
      else failures.push(`${response.status} ${body}`);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, index) => client(index % 2 === 0)));
  await eventually("the alias is used", () => answers.length > 20 || undefined);
  // A long answer that begins before the switch: it must not be cut.
  const long = await openStream(target, { ...counting, model, max_tokens: 400 });
  await long.next();

  const body = { alias: model, model_path: "tiny-think.gguf", parallel: 2 };
  const { status, json } = await call(switchAlias, "POST", { body });
  const movedMs = performance.now();
  expect([status, json]).toMatchObject([200, { model: "tiny-think", previous: { status: "draining" } }]);
  expect((await long.rest()).at(-1)).toBe("[DONE]");
  await rig.until(ports[0], "empty");
  const emptyMs = performance.now();
  const back = await call(switchAlias, "POST", { body: { alias: model, model: "tiny-text" } });
  expect(back.json).toMatchObject({ model: "tiny-text", previous: { model: "tiny-think" } });
  await rig.until(ports[1], "empty");
  isOver = true;
  await all;

  expect(failures).toEqual([]);
  expect(new Set(answers.map((answer) => answer.model))).toEqual(new Set(["tiny-text", "tiny-think"]));
  const between = answers.filter(({ ms }) => ms > movedMs && ms < emptyMs);
  expect(between.length).toBeGreaterThan(0);
  expect(between.filter((answer) => answer.model !== "tiny-think")).toEqual([]);
  expect(rig.config.current.aliases.assistant).toBe("tiny-text");
  expect(slots.models()[0]).toMatchObject({ id: "tiny-text", status: "ready" });
}, 120_000);

it("leaves the old model to be loaded again for who names it by its id while it is being unloaded", async () => {
  const { rig, target } = await openGateway(adminKey, { config: { aliases: { assistant: "tiny-text" } } });
  await rig.slots.load(rig.ports[0], text);
  const busy = await lease(rig);
  const { status } = await call(switchAlias, "POST", {
    body: { alias: model, model_path: "tiny-think.gguf" },
  });
  expect(status).toBe(200);
  await rig.until(rig.ports[0], "draining");
  const direct = await chat(target, { ...hello, model: "tiny-text" });
  expect([direct.status, await direct.text()]).toEqual([200, expect.stringContaining(sentence)]);
  busy.release();
});

it("is not moved to a model that cannot answer", async () => {
  const { rig, target } = await openGateway(adminKey, { config: { aliases: { assistant: "tiny-text" } } });
  await rig.slots.load(rig.ports[0], text);
  const template = { alias: model, model_path: "tiny-think.gguf", chat_template_file: "broken.jinja" };
  await writeFile(`${rig.dataDir}/models/broken.jinja`, "{{ raise_exception('no') }}");
  const { status } = await call(switchAlias, "POST", { body: template });
  expect(status).toBe(422);
  expect(rig.config.current.aliases.assistant).toBe("tiny-text");
  expect((await rig.slots.snapshot())[1]?.status).toMatch(/empty|failed/);
  expect(await (await chat(target, { ...hello, model })).text()).toContain(sentence);
});
