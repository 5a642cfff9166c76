/** Where the images of a request stand: in a chat, which they end up in, their places are others. */
import type { UserBlock } from "./blocks.ts";
import type { Message } from "./request.ts";

type ImageBlock = Extract<UserBlock, { type: "image" }>;

/** One path for each image, in their order. */
export function imagePaths(messages: readonly Message[]): string[] {
  const paths: string[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== "user" || typeof content === "string") continue;
    for (const [place, block] of content.entries()) {
      const path = `messages[${index}].content[${place}]`;
      if (block.type === "image") paths.push(sourcePath(path, block));
      if (block.type !== "tool_result" || !Array.isArray(block.content)) continue;
      for (const [inner, part] of block.content.entries())
        if (part.type === "image") paths.push(sourcePath(`${path}.content[${inner}]`, part));
    }
  }
  return paths;
}

function sourcePath(path: string, { source }: ImageBlock): string {
  return `${path}.source.${source.type === "url" ? "url" : "data"}`;
}
