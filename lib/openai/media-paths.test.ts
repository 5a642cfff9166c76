import { expect, it } from "vitest";
import { parseCall } from "../gateway/read-call.ts";
import { chatMedia, chatMediaPaths, chatRequest } from "./chat/request.ts";
import { responsesCall } from "./responses/call.ts";
import { inputMediaPaths } from "./responses/items.ts";

const sound = (data: string) => ({ type: "input_audio", input_audio: { data, format: "wav" } });

it("the media of a chat are found in their order, with their places", () => {
  const image = (url: string) => ({ type: "image_url", image_url: { url } });
  const messages = [
    { role: "system", content: "look" },
    { role: "user", content: [{ type: "text", text: "a" }, image("http://a/"), sound("AAAA")] },
    { role: "assistant", content: [{ type: "text", text: "b" }] },
    { role: "user", content: [image("data:image/png;base64,AAAA")] },
  ];
  const call = parseCall(JSON.stringify({ messages }), chatRequest);
  expect(chatMedia(call).map(({ type }) => type)).toEqual(["image_url", "input_audio", "image_url"]);
  expect(chatMediaPaths(call)).toEqual([
    "messages[1].content[1].image_url.url",
    "messages[1].content[2].input_audio.data",
    "messages[3].content[0].image_url.url",
  ]);
});

it("those of a response's input as well, whatever chat it becomes", () => {
  const input = [
    { role: "system", content: "look" },
    { role: "developer", content: [{ type: "input_text", text: "closely" }] },
    { role: "user", content: [sound("AAAA"), { type: "input_image", image_url: "https://a/" }] },
    { type: "function_call", call_id: "1", name: "a", arguments: "{}" },
    { type: "function_call_output", call_id: "1", output: "b" },
    { role: "user", content: [{ type: "input_image", image_url: "data:image/png;base64,AAAA" }] },
  ];
  const { chat, request } = parseCall(JSON.stringify({ input, instructions: "look" }), responsesCall);
  expect(chatMedia(chat).map(({ type }) => type)).toEqual(["input_audio", "image_url", "image_url"]);
  expect(inputMediaPaths(request.input)).toEqual([
    "input[2].content[0].input_audio.data",
    "input[2].content[1].image_url",
    "input[5].content[0].image_url",
  ]);
});
