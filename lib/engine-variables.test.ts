import { expect, it } from "vitest";
import { engineVariables } from "./engine-variables.ts";

it("passes on what finds libraries and devices, and nothing that could be a secret", () => {
  const all = {
    PATH: "/bin",
    Path: "C:\\",
    HOME: "/home/x",
    CUDA_VISIBLE_DEVICES: "0",
    GGML_VK_VISIBLE_DEVICES: "1",
    GATEWAY_ADMIN_KEY: "sk-secret",
    HF_TOKEN: "hf_secret",
    LLAMA_API_KEY: "secret",
    LLAMA_ARG_HOST: "0.0.0.0",
    OPENAI_API_KEY: "secret",
    DATABASE_URL: "secret",
    TMPDIR: undefined,
  };
  expect(engineVariables(all)).toEqual({
    PATH: "/bin",
    Path: "C:\\",
    HOME: "/home/x",
    CUDA_VISIBLE_DEVICES: "0",
    GGML_VK_VISIBLE_DEVICES: "1",
    GGML_NO_BACKTRACE: "1",
  });
  expect(engineVariables({ GGML_NO_BACKTRACE: "" }).GGML_NO_BACKTRACE).toBe("");
});
