import { expect, it } from "vitest";
import { GatewayError } from "../../errors.ts";
import { responsesErrors } from "./errors.ts";

it.each([
  ["tools[3].function.parameters", "tools[3].parameters"],
  ["tool_choice.function.name", "tool_choice.name"],
  ["response_format.json_schema.schema", "text.format.schema"],
  ["logprobs", "include"],
  ["input[0].role", "input[0].role"],
  [undefined, null],
])("what the chat calls %s is %s here", (param, own) => {
  const failure = new GatewayError("invalid_request", "No.", { param });
  expect(responsesErrors.body(failure, "req_1")).toEqual({
    error: { message: "No.", type: "invalid_request_error", param: own, code: null },
  });
});

it("an event has the members that OpenAI documents, and those that it sends", () => {
  const failure = new GatewayError("engine_crashed", "It ended.");
  const error = { message: "It ended.", type: "server_error", param: null, code: "engine_crashed" };
  const [name, data, ...rest] = responsesErrors.event(failure, "req_1", 7).split("\n");
  expect([name, ...rest]).toEqual(["event: error", "", ""]);
  expect(JSON.parse(data?.slice("data: ".length) ?? "")).toEqual({
    type: "error",
    code: "engine_crashed",
    message: "It ended.",
    param: null,
    sequence_number: 7,
    error,
  });
});
