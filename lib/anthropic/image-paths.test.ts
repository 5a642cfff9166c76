import { expect, it } from "vitest";
import { parseCall } from "../gateway/read-call.ts";
import { chatMedia } from "../openai/chat/request.ts";
import { messagesRequest } from "./request.ts";
import { messagesCall } from "./to-chat.ts";

const image = (name: string) => ({
  type: "image",
  source: { type: "url", url: `http://images.example/${name}` },
});
const text = { type: "text", text: "what is this?" };

it("tells where each image of the chat stood in the request", () => {
  const messages = [
    { role: "user", content: [text, image("a")] },
    { role: "user", content: [image("b")] },
    { role: "assistant", content: [{ type: "tool_use", id: "1", name: "look", input: {} }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "1", content: [text, image("c")] },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        { type: "tool_result", tool_use_id: "2", content: "nothing" },
        image("d"),
      ],
    },
  ];
  const { chat, imagePaths } = messagesCall(
    parseCall(JSON.stringify({ max_tokens: 1, messages }), messagesRequest),
  );
  const urls = chatMedia(chat).map((part) => (part.type === "image_url" ? part.image_url.url : ""));
  expect(urls.map((url, index) => [imagePaths[index], url])).toEqual([
    ["messages[0].content[1].source.url", "http://images.example/a"],
    ["messages[1].content[0].source.url", "http://images.example/b"],
    ["messages[3].content[0].content[1].source.url", "http://images.example/c"],
    ["messages[3].content[1].source.data", "data:image/png;base64,AAAA"],
    ["messages[3].content[3].source.url", "http://images.example/d"],
  ]);
});
