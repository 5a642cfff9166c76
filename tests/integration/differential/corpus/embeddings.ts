/** Bodies for `/v1/embeddings`. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const embed = casesAround({ input: "hello world" });

const vectors: Case[] = [
  embed("a text", {}),
  embed("texts", { input: ["hello world", "one two three"] }),
  embed("a text twice", { input: ["hello", "hello"] }),
  embed("letters of other scripts", { input: "grüße, 世界 🌍" }),
  embed("token ids", { input: [7, 8, 9] }),
  embed("lists of token ids", { input: [[7, 8], [9]] }),
  embed("numbers", { encoding_format: "float" }),
  embed("base64", { encoding_format: "base64" }),
  embed("texts in base64", { input: ["hello", "world"], encoding_format: "base64" }),
  embed("a text as long as a physical batch", { input: "one ".repeat(505) }),
  embed("a text as long as the context", { input: "one ".repeat(1000) }, "too long for an encoder"),
  embed("40 texts", { input: Array.from({ length: 40 }, (_, index) => `text ${index}`) }),
  embed("fewer dimensions", { dimensions: 8 }, "dimensions"),
  embed("all dimensions", { dimensions: 64 }),
  embed("a user", { user: "me" }),
  embed("OpenAI's name for a model", { model: "text-embedding-3-small" }, "model's name"),
  embed("a form of null", { encoding_format: null }, "null for absent"),
];

const wrongInputs: Case[] = [
  embed("no input", { input: undefined }),
  embed("an input of null", { input: null }),
  embed("an empty text", { input: "" }, "missing or empty"),
  embed("an empty list", { input: [] }),
  embed("an empty text among others", { input: ["hello", ""] }, "missing or empty"),
  embed("a number", { input: 5 }),
  embed("an object", { input: { text: "hello" } }),
  embed("mixed kinds", { input: ["hello", [7]] }, "other inputs"),
  embed("a text and a number", { input: ["hello", 7] }, "other inputs"),
  embed("token ids and a text", { input: [7, "hello"] }, "other inputs"),
  embed("a token id that the model does not have", { input: [2_000_000] }),
  embed("a token id below zero", { input: [-1] }),
  embed("a token id with a fraction", { input: [1.5] }),
  embed("a text that is too long", { input: "one ".repeat(3000) }, "too long for an encoder"),
  embed("an unknown form", { encoding_format: "hex" }),
  embed("more dimensions than there are", { dimensions: 65 }, "dimensions"),
  embed("no dimensions", { dimensions: 0 }, "out of bounds"),
  embed("content in place of input", { input: undefined, content: "hello" }, "other inputs"),
];

export const embeddings: Corpus = { endpoint: "embeddings", cases: [...vectors, ...wrongInputs] };
