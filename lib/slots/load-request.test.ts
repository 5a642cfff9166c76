import { describe, expect, it } from "vitest";
import { configSchema } from "../config/schema.ts";
import { extraArguments } from "./extra-options.ts";
import { loadRequestSchema } from "./load-request.ts";

const wrongPath = (options: object) =>
  loadRequestSchema.safeParse({ model_path: "a.gguf", ...options }).error?.issues[0]?.path.join(".");

describe("further options", () => {
  it("are taken from the list, with values that fit", () => {
    const extra = {
      "--rope-scaling": "yarn",
      "--rope-scale": 4,
      "--cpu-moe": true,
      "--chat-template-kwargs": '{"enable_thinking":false}',
    };
    expect(loadRequestSchema.parse({ model_path: "a.gguf", extra }).extra).toEqual(extra);
    expect(extraArguments({ "--rope-scale": 4, "--cpu-moe": true })).toEqual([
      { name: "--rope-scale", value: "4" },
      { name: "--cpu-moe" },
    ]);
  });

  it.each([
    "--api-key",
    "--grammar-file",
    "--log-file",
    "--slot-save-path",
    "--media-path",
    "--lora",
    "--port",
    "--host",
    "--props",
    "--tools",
    "--rpc",
    "--model-url",
    "--model",
    "-m",
    "--rope-scale=2",
  ])("do not include %s", (name) => {
    expect(wrongPath({ extra: JSON.parse(`{"${name}":"1"}`) })).toMatch(/^extra/);
  });

  it.each([
    ["--rope-scaling", "fast"],
    ["--rope-scale", "2"],
    ["--cpu-moe", "yes"],
    ["--cpu-moe", false],
    ["--device", "CUDA0 --api-key x"],
    ["--chat-template-kwargs", "[1]"],
    ["--spec-type", "draft-simple"],
    ["--n-cpu-moe", 1.5],
  ])("%s cannot be %j", (name, value) => {
    expect(wrongPath({ extra: { [name]: value } })).toBe(`extra.${name}`);
  });
});

it("a chat template is one of llama.cpp's, never a text", () => {
  expect(wrongPath({ chat_template: "chatml" })).toBeUndefined();
  expect(wrongPath({ chat_template: "{{ messages }}" })).toBe("chat_template");
});

it("every option can stand in a preset, and a wrong one is named by its path", () => {
  const secrets = { admin_key: "sk-test-test-test-test-test", session_secret: "x".repeat(32) };
  const withPreset = (preset: object) =>
    configSchema.safeParse({ slots: {}, ...secrets, models: { m: { presets: { fast: preset } } } });
  const options = { mmproj_path: "p.gguf", draft: { model_path: "d.gguf" }, extra: { "--cpu-moe": true } };
  expect(withPreset(options).data?.models.m?.presets?.fast).toEqual(options);
  expect(withPreset({ extra: { "--port": 1 } }).error?.issues[0]?.path).toEqual(
    expect.arrayContaining(["models", "m", "presets", "fast", "extra"]),
  );
});
