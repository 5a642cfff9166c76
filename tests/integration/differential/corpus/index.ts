import type { Corpus } from "../case.ts";
import { chat } from "./chat.ts";
import { completions } from "./completions.ts";
import { embeddings } from "./embeddings.ts";
import { media } from "./media.ts";
import { messages } from "./messages.ts";
import { rawChats, rawInputs, rawMessages } from "./raw.ts";
import { rerank } from "./rerank.ts";
import { responses } from "./responses.ts";
import { tools } from "./tools.ts";

/** Every body, by what it is about. */
export const corpora: Readonly<Record<string, Corpus>> = {
  chat,
  "tools and forms": tools,
  completions,
  embeddings,
  rerank,
  messages,
  responses,
  media,
  "raw chats": rawChats,
  "raw messages": rawMessages,
  "raw inputs": rawInputs,
};
