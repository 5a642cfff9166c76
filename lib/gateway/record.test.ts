import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { settlement } from "../../server/database/testing/samples.ts";
import { GatewayError } from "../errors.ts";
import { provideRuntime, type Runtime } from "../runtime.ts";
import { openaiErrors } from "./error-dialect.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { recordAnswer, recordSettlement } from "./record.ts";
import { errorResponse, jsonResponse } from "./reply.ts";

let counted: unknown[];
let lines: Record<string, unknown>[];
let log: pino.Logger;
let exchange: Exchange;

beforeEach(() => {
  counted = [];
  lines = [];
  log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const metrics = {
    settled: ({ httpStatus }: { httpStatus: number }) => counted.push(["settled", httpStatus]),
    answered: (endpoint: string, status: number) => counted.push([endpoint, status]),
  };
  const ownLog = { write: (members: string) => lines.push(JSON.parse(`{${members}}`)) };
  provideRuntime({ metrics, log, ownLog } as unknown as Runtime);
  exchange = open("chat.completions");
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for("llm-gateway.runtime"));
});

function open(endpoint?: string): Exchange {
  return openExchange(new Request("http://localhost/v1/x?key=sk-1"), openaiErrors, endpoint);
}

it("counts and logs a request once, whatever is answered after its settlement", () => {
  const row = settlement({ httpStatus: 502, outcome: "engine_failed" });
  recordSettlement(exchange, row);
  errorResponse(exchange, new GatewayError("engine_crashed", "x"));
  jsonResponse(exchange, "{}");
  recordSettlement(exchange, row);
  expect(counted).toEqual([["settled", 502]]);
  expect(lines.filter(({ msg }) => msg === "Request.")).toHaveLength(1);
});

it("counts an answer without a settlement by its endpoint and status", () => {
  errorResponse(exchange, new GatewayError("rate_limit_exceeded", "x"));
  jsonResponse(open("models.list"), "{}");
  errorResponse(open(), new GatewayError("unknown_url", "x"));
  expect(counted).toEqual([
    ["chat.completions", 429],
    ["models.list", 200],
    ["none", 404],
  ]);
  expect(lines.map(({ outcome }) => outcome)).toEqual(["refused", "ok", "refused"]);
});

it("writes times with one digit, and no query", () => {
  recordSettlement(exchange, settlement({ durationMs: 80.5678, queueMs: 0.04, firstTokenMs: null }));
  expect(lines[0]).toMatchObject({ path: "/v1/x", durationMs: 80.6, queueMs: 0, firstTokenMs: null });
});

it("builds nothing while the log is for warnings, but counts", () => {
  log.level = "warn";
  recordAnswer(exchange, 200, "ok");
  expect([counted.length, lines.length]).toEqual([1, 0]);
});

it("does nothing before there are services", () => {
  Reflect.deleteProperty(globalThis, Symbol.for("llm-gateway.runtime"));
  expect(() => recordAnswer(exchange, 503, "refused")).not.toThrow();
  expect(counted).toEqual([]);
});
