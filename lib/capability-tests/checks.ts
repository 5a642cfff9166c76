/** What is asked of a model to see whether it can do what it seems to. */
import { z } from "zod";
import { openSound } from "../audio/sound.ts";
import type { BaseCall, Endpoint } from "../gateway/endpoint.ts";
import { chatCompletions } from "../gateway/endpoints/chat-completions.ts";
import { embeddings } from "../gateway/endpoints/embeddings.ts";
import { rerank } from "../gateway/endpoints/rerank.ts";
import { transcriptions } from "../gateway/endpoints/transcriptions.ts";
import { type ChatRequest, chatRequest } from "../openai/chat/request.ts";
import { embeddingsRequest } from "../openai/embeddings/request.ts";
import { rerankRequest } from "../openai/rerank/request.ts";
import { transcriptionSettings } from "../openai/transcriptions/request.ts";
import type { Usage } from "../openai/usage.ts";
import type { Capability } from "../slots/types.ts";
import {
  judgeAudio,
  judgeImage,
  judgeImageVectors,
  judgeJson,
  judgeRanking,
  judgeReasoning,
  judgeToolCall,
  judgeTranscription,
  judgeVectors,
} from "./judge.ts";
import { colourNames, picture, tone } from "./media.ts";
import type { TestedCapability, Verdict } from "./types.ts";

/** Asks a model as a client of this endpoint would. @throws GatewayError */
export type Ask = <Call extends BaseCall>(
  endpoint: Endpoint<Call>,
  call: Call,
) => Promise<{ answer: unknown; usage: Usage }>;

type Check = (ask: Ask) => Promise<Verdict>;

/** What a model with these capabilities is tried for. */
export function checksFor(capabilities: readonly Capability[]): TestedCapability[] {
  const can = (capability: Capability) => capabilities.includes(capability);
  if (can("text"))
    return [
      "tools",
      "tools_auto",
      "json_schema",
      "reasoning",
      ...(can("image") ? (["image"] as const) : []),
      ...(can("audio") ? (["audio"] as const) : []),
    ];
  const others = (["transcription", "embedding", "rerank"] as const).filter(can);
  return can("embedding") && can("image") ? [...others, "image_embedding"] : others;
}

/** Room for thoughts before the call or the object, and an end for models that find none. */
const answerTokens = 384;
const wordTokens = 48;

const weatherArguments = z.object({ city: z.string().min(1), unit: z.enum(["celsius", "fahrenheit"]) });
const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "Tells the present weather in a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
      required: ["city", "unit"],
    },
  },
};

const cityFacts = z.strictObject({ country: z.enum(["France", "Italy", "Spain"]), is_capital: z.boolean() });
const cityFactsSchema = {
  type: "object",
  properties: {
    country: { type: "string", enum: ["France", "Italy", "Spain"] },
    is_capital: { type: "boolean" },
  },
  required: ["country", "is_capital"],
  additionalProperties: false,
};

export const checks: Readonly<Record<TestedCapability, Check>> = {
  tools: (ask) => checkTools(ask, "required"),
  tools_auto: (ask) => checkTools(ask, "auto"),
  async json_schema(ask) {
    const response_format = {
      type: "json_schema",
      json_schema: { name: "city", strict: true, schema: cityFactsSchema },
    };
    const { answer } = await ask(
      chatCompletions,
      chat("Describe the city of Paris as JSON.", { response_format }),
    );
    return judgeJson(answer, cityFacts);
  },
  async reasoning(ask) {
    const { answer } = await ask(chatCompletions, chat("How much is 17 times 23? Think before you answer."));
    return judgeReasoning(answer);
  },
  async image(ask) {
    const colour = colourNames[Math.floor(Math.random() * colourNames.length)] ?? "red";
    const part = { type: "image_url", image_url: { url: picture(colour) } };
    const { answer, usage } = await ask(
      chatCompletions,
      about("What colour is this picture? Answer in one word.", part),
    );
    return judgeImage(answer, usage, colour);
  },
  async audio(ask) {
    const question = "What do you hear? Answer in a few words.";
    const part = { type: "input_audio", input_audio: { data: tone().toString("base64"), format: "wav" } };
    const { answer, usage } = await ask(chatCompletions, about(question, part));
    const alone = await ask(chatCompletions, chat(question, { max_tokens: 1 }));
    return judgeAudio(answer, usage, alone.usage.promptTokens);
  },
  async transcription(ask) {
    const call = {
      ...transcriptionSettings.parse({}),
      task: "transcriptions" as const,
      sound: await openSound(tone()),
    };
    return judgeTranscription((await ask(transcriptions, call)).answer);
  },
  async embedding(ask) {
    const input = [
      "The cat sleeps on the sofa.",
      "A cat is asleep on a couch.",
      "Stock prices fell by two percent.",
    ];
    return judgeVectors((await ask(embeddings, embeddingsRequest.parse({ input }))).answer);
  },
  async image_embedding(ask) {
    const part = { type: "image_url", image_url: { url: picture("red") } };
    const input = ["A red square.", part];
    return judgeImageVectors((await ask(embeddings, embeddingsRequest.parse({ input }))).answer);
  },
  async rerank(ask) {
    const documents = [
      "Bananas are rich in potassium.",
      "Paris is the capital of France.",
      "It rained all day.",
    ];
    const call = rerankRequest.parse({ query: "What is the capital of France?", documents });
    return judgeRanking((await ask(rerank, call)).answer, 1);
  },
};

async function checkTools(ask: Ask, choice: "required" | "auto"): Promise<Verdict> {
  const question = "What is the weather in Paris now, in celsius? Use the tool.";
  const { answer } = await ask(chatCompletions, chat(question, { tools: [weather], tool_choice: choice }));
  return judgeToolCall(answer, weather.function.name, weatherArguments);
}

/** The most likely words, so that another try comes to the same. */
const common = { temperature: 0, max_tokens: answerTokens };

function chat(content: string, more: object = {}): ChatRequest {
  return chatRequest.parse({ messages: [{ role: "user", content }], ...common, ...more });
}

function about(question: string, part: object): ChatRequest {
  const content = [part, { type: "text", text: question }];
  return chatRequest.parse({ messages: [{ role: "user", content }], ...common, max_tokens: wordTokens });
}
