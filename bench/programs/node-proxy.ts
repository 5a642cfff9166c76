/**
 * `node node-proxy.mjs PORT UPSTREAM_PORT`: the least that a proxy in Node can do, which the gateway is compared with.
 * Bodies are piped both ways; nothing is parsed, checked or recorded.
 */
import { Agent, createServer, request as httpRequest } from "node:http";

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, scheduling: "lifo" });

const server = createServer((incoming, outgoing) => {
  const { connection: _connection, "keep-alive": _keepAlive, host: _host, ...headers } = incoming.headers;
  const upstream = httpRequest({
    host: "127.0.0.1",
    port: upstreamPort,
    method: incoming.method,
    path: incoming.url,
    headers,
    agent,
  });
  upstream.on("response", (answer) => {
    const {
      connection,
      "keep-alive": _answerKeepAlive,
      "transfer-encoding": _coding,
      ...rest
    } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, rest);
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
  });
  upstream.on("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end();
  });
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) upstream.destroy();
  });
  incoming.pipe(upstream);
});
server.keepAliveTimeout = 60_000;
server.listen(port, "127.0.0.1", 4096);
