/**
 * The mock engine behind llama-server's command line, so that the gateway runs it by its own llama-server adapter.
 * Flags that only concern a real model are taken and ignored.
 */
import { readFileSync } from "node:fs";
import { createMockEngine } from "../engine/server.ts";

/** What the adapter passes on the command line; `--help` lists it as llama-server does. */
const options = [
  ...["--host", "--port", "--alias", "--api-key-file", "--model", "--parallel", "--ctx-size", "--threads"],
  ...["--no-ui", "--no-slots", "--cors-origins", "--metrics", "--offline", "--no-kv-unified", "--jinja"],
  ...["--no-context-shift", "--batch-size", "--ubatch-size", "--flash-attn", "--cache-type-k"],
  ...["--cache-type-v", "--cache-ram", "--load-mode"],
];

const flags = process.argv.slice(2);
if (flags.includes("--version")) console.log("version: mock");
else if (flags.includes("--help")) console.log(options.join("\n"));
else {
  const keyFile = flagValue("--api-key-file");
  const server = createMockEngine({
    personality: "llama",
    model: flagValue("--alias") ?? "mock",
    apiKey: keyFile === undefined ? undefined : readFileSync(keyFile, "utf8").trim(),
  });
  server.listen(Number(flagValue("--port")), "127.0.0.1", 4096);
  process.on("SIGTERM", () => process.exit(0));
}

function flagValue(flag: string): string | undefined {
  const at = flags.indexOf(flag);
  return at === -1 ? undefined : flags[at + 1];
}
