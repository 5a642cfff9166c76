/** Bodies that are no chat request at all. */
import { gzipSync } from "node:zlib";
import { type HostileCase, nestedText } from "./case.ts";

const fine = JSON.stringify({
  model: "tiny-text",
  messages: [{ role: "user", content: "say hello" }],
  max_tokens: 4,
});

export const bodies: HostileCase[] = [
  { name: "nothing", body: "" },
  { name: "a blank", body: " " },
  { name: "null", body: "null" },
  { name: "a list", body: "[]" },
  { name: "a number", body: "1e999" },
  { name: "half an object", body: fine.slice(0, 30) },
  { name: "an object and a half", body: `${fine}{` },
  { name: "a byte order mark", body: `\ufeff${fine}` },
  {
    name: "bytes that are no UTF-8",
    body: Buffer.concat([Buffer.from(fine.slice(0, -2)), Buffer.from([0xff, 0xfe, 0xc0])]),
  },
  { name: "UTF-16", body: Buffer.from(fine, "utf16le") },
  { name: "a million brackets", body: "[".repeat(1_000_000) },
  { name: "a million closed brackets", body: nestedText("[", "", "]", 1_000_000) },
  { name: "nine million brackets in the messages", body: `{"messages":${"[".repeat(9_000_000)}` },
  {
    name: "messages a million deep",
    body: `{"model":"tiny-text","messages":${nestedText("[", "", "]", 1_000_000)}}`,
  },
  {
    name: "a prototype",
    body: `{"__proto__":{"model":"tiny-text"},"constructor":{"prototype":{}},${fine.slice(1)}`,
  },
  { name: "the same key twice", body: `{"messages":[],${fine.slice(1)}` },
  { name: "a key of a megabyte", body: `{"${"a".repeat(1_000_000)}":1,${fine.slice(1)}` },
  {
    name: "a million keys",
    body: `{${Array.from({ length: 500_000 }, (_, i) => `"k${i}":0`).join(",")},${fine.slice(1)}`,
  },
  { name: "21 megabytes", body: `${" ".repeat(21 * 1024 * 1024)}${fine}` },
  { name: "compressed", body: gzipSync(fine), headers: { "content-encoding": "gzip" } },
  {
    name: "a hundred megabytes, compressed",
    body: gzipSync(Buffer.alloc(100_000_000, 0x20)),
    headers: { "content-encoding": "gzip" },
  },
  {
    name: "a form",
    body: "model=tiny-text",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  },
  { name: "text", body: fine, headers: { "content-type": "text/plain" } },
  {
    name: "an unknown character set",
    body: fine,
    headers: { "content-type": "application/json; charset=ebcdic" },
  },
];
