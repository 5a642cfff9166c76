import { describe, expect, it } from "vitest";
import { type ErrorCode, GatewayError } from "../errors.ts";
import { anthropicErrors } from "./errors.ts";

describe("anthropicErrors", () => {
  it.each<[ErrorCode, string]>([
    ["invalid_request", "invalid_request_error"],
    ["invalid_api_key", "authentication_error"],
    ["insufficient_balance", "billing_error"],
    ["permission_denied", "permission_error"],
    ["model_not_found", "not_found_error"],
    ["method_not_allowed", "invalid_request_error"],
    ["payload_too_large", "request_too_large"],
    ["rate_limit_exceeded", "rate_limit_error"],
    ["internal", "api_error"],
    ["engine_crashed", "api_error"],
    ["queue_full", "overloaded_error"],
    ["engine_timeout", "timeout_error"],
  ])("calls %s %s", (code, type) => {
    expect(anthropicErrors.body(new GatewayError(code, "No."), "req_1")).toEqual({
      type: "error",
      error: { type, message: "No." },
      request_id: "req_1",
    });
  });

  const messageFor = (...error: ConstructorParameters<typeof GatewayError>) =>
    JSON.stringify(anthropicErrors.body(new GatewayError(...error), "req_1"));

  it("names the field where the message does not", () => {
    expect(messageFor("model_not_found", "No 'x'.", { param: "model" })).toContain('"model: No');
    const wrong = messageFor("invalid_request", "`system` is not valid.", { param: "system" });
    expect(wrong).toContain('"`system` is not');
  });

  it.each([
    ["tools[3].function.parameters", "tools[3].input_schema"],
    ["tool_choice.function.name", "tool_choice.name"],
    ["response_format.json_schema.schema", "output_config.format.schema"],
  ])("calls the chat's %s %s", (param, own) => {
    expect(messageFor("invalid_request", "No.", { param })).toContain(`"${own}: No."`);
  });

  it("begins as Anthropic's own refusal where a talk is too long", () => {
    const error = messageFor("context_length_exceeded", "512 tokens.", { param: "messages" });
    expect(error).toContain('"prompt is too long: 512');
  });

  it("ends a stream with an event of that name", () => {
    const event = anthropicErrors.event(new GatewayError("engine_crashed", "It ended.\n"), "req_1", 0);
    expect(event).toMatch(/^event: error\ndata: \{"type":"error",.*"api_error".*\}\n\n$/);
  });
});
