/** What the operator sees when the gateway is up. */
import type { Environment } from "../lib/env.ts";

export interface BannerFacts {
  environment: Pick<Environment, "host" | "port">;
  /** The admin key, on the first start only: it is never shown again. */
  newAdminKey: string | null;
  /** Where the key can be looked up: a file, or the environment. */
  keySource: string;
}

/** The banner as lines of text. */
export function banner({ environment, newAdminKey, keySource }: BannerFacts): string {
  const { host, port } = environment;
  const address = `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host}:${port}`;
  const key = newAdminKey ?? "$ADMIN_KEY";
  const lines = [
    "",
    `  LLM Gateway is running at ${address}`,
    "",
    newAdminKey
      ? `  Admin key (shown this once; it is also ${keySource}):\n    ${newAdminKey}`
      : `  Admin key: ${keySource}`,
    "",
    "  Try it:",
    `    curl -N ${address}/v1/chat/completions \\`,
    `      -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\`,
    `      -d '{"stream": true, "messages": [{"role": "user", "content": "Say hello in one sentence."}]}'`,
    "",
    host === "127.0.0.1" || host === "localhost" || host === "::1"
      ? "  Only this machine can reach it. HOST=0.0.0.0 opens it to the network: then put TLS in front (a reverse proxy)."
      : "  The network can reach it. Without TLS in front, keys travel in the clear.",
    "",
  ];
  return lines.join("\n");
}
