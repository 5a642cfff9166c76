/** One operation as paths/*.ts describe it: what document.ts makes its entry of. */
import type { z } from "zod";
import type { ParameterNote } from "../compatibility/notes.ts";

/** How an API writes its refusals, and what headers come with its answers. */
export type Dialect = "openai" | "anthropic" | "admin";

/** Headings of the documentation, in their order. */
export const groups = {
  Text: "Answers that a model writes.",
  Vectors: "Texts as vectors, and documents by their relevance.",
  Sound: "What is said in a sound, as text.",
  Models: "What can be asked for.",
  Usage: "What was used.",
  Service: "The gateway itself. These need no key.",
  Slots: "Admin: the seven engines, and what they run.",
  Files: "Admin: the model files on this machine.",
  Users: "Admin: users, their balances and their keys.",
  "Sign-ups": "Asking for an account or another tier, and deciding on it.",
  Configuration: "Admin: `config.json`.",
  System: "Admin: the machine, and what happens on it.",
  Backups: "Admin: copies of database and configuration.",
} as const;

/** A schema that stands among the document's components. */
export interface NamedSchema {
  name: string;
  schema: z.ZodType;
  /** What becomes of each member (lib/compatibility). */
  notes?: Readonly<Record<string, ParameterNote>>;
}

export interface Body extends NamedSchema {
  example: unknown;
  /** True where an absent body counts as an empty object. */
  isOptional?: boolean;
  /** Absent: JSON. */
  mediaType?: "application/json" | "multipart/form-data" | "application/octet-stream";
}

export interface Answer {
  status: number;
  description: string;
  /** Absent: no JSON. */
  schema?: NamedSchema;
  /** Media types of text that it may come in. */
  texts?: readonly string[];
  /** What is sent instead where the request asks for a stream. */
  events?: Events;
}

/** An event stream. */
export interface Events {
  description: string;
  /** What the data of an event may be. */
  data: readonly NamedSchema[];
  /** The data of the last event, where that is no JSON; absent where each event has a name. */
  end?: string;
}

export interface Operation {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** With its parameters as `{id}`. */
  path: string;
  /** The name that generated clients give it. */
  id: string;
  group: keyof typeof groups;
  /** A few words. */
  summary: string;
  /** One sentence, or a few. */
  description: string;
  access: "public" | "key" | "admin";
  dialect: Dialect;
  /** Of the path and of the query: an object each, as the handler checks them. */
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: Body;
  /** What it answers when all is well. */
  answers: readonly Answer[];
  /** Statuses of its refusals, besides those that any request may get. */
  refusals: readonly number[];
}
