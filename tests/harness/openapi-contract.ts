/** Schemathesis against a gateway: requests made from its OpenAPI document, and answers held against it. */
import type { Gateway } from "./gateway.ts";
import { pythonWith, runPython } from "./python.ts";

/** What was answered, by operation (`GET /v1/models`), and by status and media type (`200 application/json`). */
export type Answers = Record<string, Record<string, number>>;

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "unsupported_method",
  "negative_data_rejection",
  "ignored_auth",
];

/** The same requests in every run. */
export const sameRequests = ["--generation-deterministic"];

export const contractTester = () => pythonWith("schemathesis", "4.32.5");

/**
 * Runs all checks with the admin's key, which no limit holds up.
 * @param maxExamples random requests for each operation, besides those at the bounds of its schemas
 * @param options of `schemathesis run`
 * @throws Error with the report where an answer is not as the document says
 */
export async function holdAgainstDocument(
  gateway: Gateway,
  maxExamples: number,
  options: readonly string[],
  timeoutMs = 120_000,
): Promise<Answers> {
  const fixed = [
    "--phases",
    "examples,coverage,fuzzing",
    "--continue-on-failure",
    "--no-shrink",
    "--no-color",
  ];
  const args = [...fixed, "--checks", checks.join(","), "--max-examples", String(maxExamples), ...options];
  const script = ["openapi_contract.py", `${gateway.url}/openapi.json`, ...args];
  const variables = { API_KEY: gateway.adminKey };
  return JSON.parse(await runPython(await contractTester(), script, variables, timeoutMs)) as Answers;
}

/** A gateway whose models can do what any operation asks for, in few tokens. */
export const contractConfig = { tiers: { admin: { max_output_tokens: 16 } } };
