/** One body, asked of both in every way that its endpoint has. */
import type { Answer } from "./answers/answer.ts";
import { ask, readers } from "./answers/ask.ts";
import type { Body, Case, EndpointName } from "./case.ts";
import { type Finding, findingsOf } from "./compare.ts";
import { modelOf, type Servers } from "./servers.ts";

export interface Comparison {
  findings: Finding[];
  /** Every answer that was compared, with the one who gave it. */
  answers: [from: string, answer: Answer][];
}

/** Sends a case to both servers, and compares what they say. A body that says whether to stream is sent as it is. */
export async function compareBoth(servers: Servers, endpoint: EndpointName, one: Case): Promise<Comparison> {
  const model = modelOf(endpoint, one);
  const both = (sent: Body | string) =>
    Promise.all([ask(servers.direct[model], endpoint, sent), ask(servers.gateway, endpoint, sent)]);
  const body: Body | string =
    typeof one.body === "string" ? one.body : { model: `tiny-${model}`, ...one.body };
  const [direct, gateway] = await both(body);
  const isStream = typeof body === "object" && body.stream === true;
  const findings = findingsOf(isStream ? "stream" : "whole", direct, gateway);
  const answers: Comparison["answers"] = [
    ["llama-server", direct],
    ["gateway", gateway],
  ];
  if (readers[endpoint].stream && typeof body === "object" && !("stream" in body)) {
    const [directStream, gatewayStream] = await both(streamed(endpoint, body));
    findings.push(...findingsOf("stream", directStream, gatewayStream));
    findings.push(...findingsOf("gateway's own", gateway, gatewayStream));
    answers.push(["llama-server, streamed", directStream], ["gateway, streamed", gatewayStream]);
  }
  return { findings, answers };
}

/** The same body for a stream that tells its usage. */
function streamed(endpoint: EndpointName, body: Body): Body {
  const tellsUsage = endpoint === "messages" || endpoint === "responses";
  return { ...body, stream: true, ...(tellsUsage ? {} : { stream_options: { include_usage: true } }) };
}
