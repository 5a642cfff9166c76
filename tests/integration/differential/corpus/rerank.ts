/** Bodies for `/v1/rerank`. */
import { type Case, type Corpus, casesAround } from "../case.ts";

const rank = casesAround({ query: "hello", documents: ["hello world", "one two", "the tiny test model"] });

const orders: Case[] = [
  rank("documents", {}),
  rank("one document", { documents: ["hello world"] }),
  rank("a document twice", { documents: ["hello", "one", "hello"] }),
  rank("letters of other scripts", { query: "grüße", documents: ["世界 🌍", "hello"] }),
  rank("20 documents", { documents: Array.from({ length: 20 }, (_, index) => `the text ${index}`) }),
  rank("the best two", { top_n: 2 }),
  rank("more than there are", { top_n: 9 }),
  rank("top_n of null", { top_n: null }),
  rank("documents in the answer", { return_documents: true }, "documents in the answer"),
  rank("no documents in the answer", { return_documents: false }),
  rank("an empty document", { documents: ["", "hello"] }),
  rank(
    "documents as objects",
    { documents: [{ text: "hello world" }, { text: "one" }] },
    "documents as objects",
  ),
  rank("unknown parameters", { mood: "good" }),
];

const wrongOrders: Case[] = [
  rank("no query", { query: undefined }),
  rank("an empty query", { query: "" }, "missing or empty"),
  rank("a query that is a number", { query: 3 }),
  rank("no documents at all", { documents: undefined }),
  rank("an empty list of documents", { documents: [] }),
  rank("documents as text", { documents: "hello" }),
  rank("a document that is a number", { documents: ["hello", 3] }),
  rank("none of the documents", { top_n: 0 }, "out of bounds"),
  rank("top_n below zero", { top_n: -1 }, "malformed"),
  rank("top_n as text", { top_n: "2" }, "wrong type"),
  rank("a document that is too long", { documents: ["one ".repeat(3000)] }, "too long for an encoder"),
  rank(
    "texts in place of documents",
    { documents: undefined, texts: ["hello world", "one"] },
    "other inputs",
  ),
];

export const rerank: Corpus = { endpoint: "rerank", cases: [...orders, ...wrongOrders] };
