import { describe, expect, it } from "vitest";
import { engineRefusal, engineStreamError } from "./engine-errors.ts";

const body = (error: object) => JSON.stringify({ error });

describe("engineRefusal", () => {
  it.each([
    [400, { code: 400, message: "Expected 'messages' to be an array", type: "invalid_request_error" }, 400],
    [500, { code: 500, message: "Failed to parse tools: Missing tool function", type: "server_error" }, 400],
    [500, { code: 500, message: "image input is not supported - hint: if this", type: "server_error" }, 400],
    [500, { code: 500, message: "out of memory", type: "server_error" }, 502],
    [503, { code: 503, message: "Loading model", type: "unavailable_error" }, 503],
    [401, { code: 401, message: "Invalid API Key", type: "authentication_error" }, 503],
    [429, { message: "slow down" }, 503],
  ])("maps the engine's %i %o to %i", (status, error, expected) => {
    expect(engineRefusal(status, body(error)).status).toBe(expected);
  });

  it("names both figures when the context is exceeded", () => {
    const error = engineRefusal(
      400,
      body({
        code: 400,
        message: "request (6031 tokens) exceeds",
        type: "exceed_context_size_error",
        n_prompt_tokens: 6031,
        n_ctx: 2048,
      }),
    );
    expect(error.code).toBe("context_length_exceeded");
    expect(error.message).toMatch(/2048.*6031/);
  });

  it("tells nothing of the machine", () => {
    const { message } = engineRefusal(
      400,
      body({ message: "invalid file /home/anna/models/x.gguf\nand more" }),
    );
    expect(message).toBe("invalid file (path)");
  });

  it("survives what is no JSON", () => {
    expect(engineRefusal(500, "<html>").status).toBe(502);
    expect(engineRefusal(400, "").message).not.toBe("");
  });
});

describe("engineStreamError", () => {
  it("sees errors only where there are some", () => {
    expect(engineStreamError('{"choices":[]}')).toBeNull();
    expect(engineStreamError('{"error":"broken"}')?.status).toBe(502);
  });
});
