/** Real answers of the admin API are as `/openapi.json` describes them. */
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";
import { aliasSwitchReply } from "../../lib/admin/schemas/alias-switch.ts";
import { presetsReply } from "../../lib/admin/schemas/presets.ts";
import {
  configChangeReply,
  createdKeyReply,
  createdUserReply,
  slotActionReply,
  userReply,
} from "../../lib/admin/schemas.ts";
import { ticketReply } from "../../lib/events/messages.ts";
import {
  configAnswer,
  deletedKeyAnswer,
  logLinesAnswer,
  slotListAnswer,
  userListAnswer,
} from "../../lib/openapi/answers/admin.ts";
import { openaiErrorAnswer } from "../../lib/openapi/answers/errors.ts";
import { localModelsAnswer } from "../../lib/openapi/answers/model-files.ts";
import { slotHistoryAnswer } from "../../lib/openapi/answers/slot-runs.ts";
import { systemHistoryReply, systemReply } from "../../lib/system/schemas.ts";
import { uptimeReply } from "../../lib/uptime/schemas.ts";
import { expectConforms } from "../harness/conforms.ts";
import { modelFiles } from "../harness/data-folder.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => gateway?.[Symbol.asyncDispose]());

async function answers(
  schema: z.ZodType,
  status: number,
  ...[method, endpoint, body]: [string, string, object?]
) {
  const response = await gateway.adminResponse(method, endpoint, body);
  expect(response.status, `${method} ${endpoint}`).toBe(status);
  const answer = await response.json();
  expectConforms(schema, answer);
  return answer;
}

test("slots: loaded, listed, restarted and emptied", async () => {
  const slot = gateway.slot(0);
  await answers(slotActionReply, 200, "POST", "slots/load", { slot, model_path: modelFiles.text });
  const later = { slot: gateway.slot(1), model_path: modelFiles.embed, wait: false };
  await answers(slotActionReply, 202, "POST", "slots/load", later);
  await answers(slotListAnswer, 200, "GET", "slots");
  await answers(logLinesAnswer, 200, "GET", `slots/${slot}/logs?lines=5`);
  await answers(slotActionReply, 200, "POST", `slots/${slot}/restart`);
  await answers(slotActionReply, 200, "POST", `slots/${slot}/unload`);
  await answers(localModelsAnswer, 200, "GET", "models/local");
  await answers(slotHistoryAnswer, 200, "GET", `slots/${slot}/history?limit=5`);
  await answers(openaiErrorAnswer, 409, "POST", `slots/${slot}/retry`);
  await answers(logLinesAnswer, 200, "GET", "logs?lines=5");
  const file = await gateway.adminResponse("GET", `slots/${slot}/logs/file`);
  expect(await file.text()).toContain("listening on");
});

test("presets of a model, and an alias that is switched", async () => {
  // An id with a folder in it, as two files of one name have.
  await mkdir(path.join(gateway.dataDir, "models", "more"));
  const original = path.join(gateway.dataDir, "models", modelFiles.think);
  await copyFile(original, path.join(gateway.dataDir, "models", "more", modelFiles.think));
  const presets = "models/more%2Ftiny-think/presets";
  const change = { presets: { small: { ctx_size: 256, extra: { "--no-warmup": true } } }, preset: "small" };
  expect(await answers(presetsReply, 200, "PUT", presets, change)).toMatchObject({
    model: "more/tiny-think",
    ...change,
  });
  await answers(presetsReply, 200, "GET", presets);
  const slot = gateway.slot(3);
  const model = "more/tiny-think";
  await answers(aliasSwitchReply, 200, "POST", "aliases/switch", { alias: "thinker", model, slot });
  expect(await gateway.slotState(3)).toMatchObject({ status: "ready", model_name: model, ctx_size: 256 });
});

test("users and keys", async () => {
  const limits = { requests_per_minute: 5, monthly_budget: null, models: ["tiny-text"] };
  const user = await answers(createdUserReply, 200, "POST", "users", { email: "ann@example.org", limits });
  await answers(userReply, 200, "PATCH", `users/${user.id}`, { balance: 2 });
  const key = await answers(createdKeyReply, 200, "POST", `users/${user.id}/apikey`, {
    name: "laptop",
    limits,
  });
  await answers(userListAnswer, 200, "GET", "users");
  await answers(deletedKeyAnswer, 200, "DELETE", `apikeys/${key.id}`);
});

test("the machine, its history, and a ticket for live events", async () => {
  await answers(systemReply, 200, "GET", "system");
  await answers(systemHistoryReply, 200, "GET", "system/history?span=hour&hours=48");
  await answers(ticketReply, 200, "POST", "events/ticket");
  const uptime = await gateway.fetch("/api/uptime?days=7");
  expect(uptime.status).toBe(200);
  expectConforms(uptimeReply, await uptime.json());
});

test("the configuration", async () => {
  await answers(configAnswer, 200, "GET", "config");
  await answers(configChangeReply, 200, "PATCH", "config", { rate_limits: { payg: 30 } });
});

test.each([
  [400, "POST", "users", {}],
  [404, "POST", "slots/4/unload", undefined],
  [404, "GET", "models/absent/presets", undefined],
  [400, "POST", "aliases/switch", {}],
  [409, "POST", "users", { email: "admin@localhost.example", tier: "payg", balance: 1 }],
  [422, "POST", "slots/load", { model_path: "projectors/tiny-mmproj-vision.gguf" }],
] as const)("a refusal with %i: %s %s", async (status, method, endpoint, body) => {
  if (status === 409) await gateway.admin(method, endpoint, body);
  await answers(openaiErrorAnswer, status, method, endpoint, body);
});
