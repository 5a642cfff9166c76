import { describe, expect, it } from "vitest";
import { engineRefusal, engineStreamError, engineStreamFailure } from "./engine-errors.ts";

const body = (error: object) => JSON.stringify({ error });
const secret = "your account at Provider X has no credit; invalid plan";

describe("engineRefusal", () => {
  it.each([
    [400, { code: 400, message: "Expected 'messages' to be an array", type: "invalid_request_error" }, 400],
    [500, { code: 500, message: "Failed to parse tools: Missing tool function", type: "server_error" }, 400],
    [500, { code: 500, message: "image input is not supported - hint: if this", type: "server_error" }, 400],
    [500, { code: 500, message: "out of memory", type: "server_error" }, 502],
    [503, { code: 503, message: "Loading model", type: "unavailable_error" }, 503],
    [401, { code: 401, message: "Invalid API Key", type: "authentication_error" }, 503],
  ])("maps llama-server's %i %o to %i", (status, error, expected) => {
    expect(engineRefusal(status, body(error), true).status).toBe(expected);
  });

  it.each([400, 413, 422])("hands on what a remote says of the request with %i", (status) => {
    const error = engineRefusal(status, body({ message: "temperature is odd" }), false);
    expect(error).toMatchObject({ code: "invalid_request", message: "temperature is odd" });
  });

  it.each([401, 402, 403, 404, 405, 408, 409, 418, 451])(
    "keeps what a remote says with %i from the client and from the log",
    (status) => {
      const error = engineRefusal(status, body({ message: secret, code: "no_credit" }), false);
      expect(error.code).toBe("engine_unavailable");
      expect(error.message).toMatch(/Ask the operator/);
      expect(error.cause).toBe(`The engine answered with status ${status}.`);
    },
  );

  it("says nothing of a remote's limits but that it is busy", () => {
    const error = engineRefusal(429, body({ message: secret }), false);
    expect(error.code).toBe("queue_full");
    expect(`${error.message} ${error.cause}`).not.toContain("Provider");
  });

  it("takes no failure of a remote for the client's fault", () => {
    for (const status of [500, 501, 502]) {
      const error = engineRefusal(status, body({ message: secret, type: "server_error", code: 500 }), false);
      expect(error.code).toBe("engine_crashed");
      expect(error.message).not.toContain("Provider");
    }
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
      true,
    );
    expect(error.code).toBe("context_length_exceeded");
    expect(error.message).toMatch(/2048.*6031/);
    expect(error.options.param).toBe("messages");
  });

  it("takes what is too long for an encoder for what it is", () => {
    const message =
      "input (1002 tokens) is too large to process. increase the physical batch size (current batch size: 512)";
    const told = body({ code: 500, message, type: "server_error" });
    const error = engineRefusal(500, told, true, "input");
    expect(error).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
      options: { param: "input" },
    });
    expect(error.message).toMatch(/512 .*1002/);
    expect(engineRefusal(500, told, false).status).toBe(502);
  });

  it("names the field that is too long, where that is not `messages`", () => {
    const exceeded = body({ message: "exceeds", type: "exceed_context_size_error" });
    expect(engineRefusal(400, exceeded, true, "prompt").options.param).toBe("prompt");
    expect(engineStreamFailure(exceeded, "prompt").options.param).toBe("prompt");
  });

  it("tells nothing of the machine", () => {
    const { message } = engineRefusal(
      400,
      body({ message: "invalid file /home/anna/models/x.gguf\nand more" }),
      true,
    );
    expect(message).toBe("invalid file (path)");
  });

  it("survives what is no JSON", () => {
    expect(engineRefusal(500, "<html>", true).status).toBe(502);
    expect(engineRefusal(400, "", true).message).not.toBe("");
  });
});

describe("errors in a stream", () => {
  it("sees errors only where there are some", () => {
    expect(engineStreamError('{"choices":[]}')).toBeNull();
    expect(engineStreamError('{"error":"broken"}')?.status).toBe(502);
  });

  it("blames the client where llama-server does", () => {
    const error = { code: 500, message: "Failed to parse input", type: "server_error" };
    expect(engineStreamError(body(error))).toMatchObject({ status: 400, message: "Failed to parse input" });
  });

  it.each([
    { message: secret },
    { message: secret, type: "server_error", code: "server_error" },
    { message: secret, type: "InternalServerError", code: 500 },
    { message: secret, type: "server_error", code: 402 },
  ])("keeps a remote's %o from the client", (error) => {
    expect(engineStreamError(body(error))?.status).toBe(502);
    expect(engineStreamError(body(error))?.message).not.toContain("Provider");
  });

  it.each([JSON.stringify({ message: secret }), secret, ""])("masks an error of the data %j", (data) => {
    const error = engineStreamFailure(data);
    expect(error.code).toBe("engine_crashed");
    expect(error.message).not.toContain("Provider");
  });
});
