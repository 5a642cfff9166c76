/** Whose time it is: sorts places in the code into Node's parts, packages and the gateway's own files. */
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..", "..");

const nodeParts: readonly [string, RegExp][] = [
  ["node:http", /^node:(_http|internal\/http)/],
  ["Node's fetch classes (Request, Response, Headers)", /^node:internal\/deps\/undici/],
  ["Node's web streams", /^node:internal\/webstreams/],
  ["Node's streams and sockets", /^node:(net|stream|internal\/(streams|stream_base|net))/],
  ["Node's events and abort signals", /^node:(events|internal\/(event_target|abort_controller))/],
  [
    "Node's timers and queues",
    /^node:(timers|internal\/(timers|process|async_hooks|linkedlist|fixed_queue))/,
  ],
  ["Node's buffers", /^node:(buffer|internal\/(buffer|encoding))/],
  ["messages between threads", /^node:(worker_threads|internal\/(worker|per_context))/],
  ["Node, other", /^node:/],
];

const nativeParts: readonly [string, RegExp][] = [
  ["garbage collection", /^\(garbage collector\)$/],
  ["native code (libuv, kernel, V8)", /^\((program|root)\)$/],
  [
    "writing to sockets",
    /^(write(v|Buffer|Utf8String|Latin1String|AsciiString)|shutdown|readStart|readStop)$/,
  ],
  ["messages between threads", /^(postMessage|drainMessagePort|receiveMessageOnPort)$/],
];

/** The name of the part that a place belongs to. */
export function partOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url === "") return find(nativeParts, functionName) ?? "V8's built-ins";
  if (url.endsWith("/name-json.mjs")) return "JSON";
  const nodePart = find(nodeParts, url);
  if (nodePart) return nodePart;
  const file = url.replace(/^file:\/\//, "");
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (inPackage) return inPackage;
  return file.startsWith(root) ? path.relative(root, file) : "other";
}

function find(parts: readonly [string, RegExp][], name: string): string | undefined {
  return parts.find(([, pattern]) => pattern.test(name))?.[0];
}
