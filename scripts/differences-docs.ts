/**
 * Writes docs/differences-from-llama-server.md from the list that the differential test goes by:
 * `node --import tsx scripts/differences-docs.ts`.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Difference } from "../tests/integration/differential/differences/difference.ts";
import { differenceTopics } from "../tests/integration/differential/differences/index.ts";

export const documentFile = path.resolve(import.meta.dirname, "../docs/differences-from-llama-server.md");

const introduction = `# Differences from llama-server

Made by \`node --import tsx scripts/differences-docs.ts\` from the list that \`tests/integration/differential.test.ts\` goes by.

The test sends more than 400 bodies, right and wrong, to the gateway and to a llama-server (0.7.0) with the same model and
settings, whole and streamed. Texts, thoughts, tool calls, reasons for the end, log probabilities, token counts, vectors and
scores must be the same, and so must be the gateway's own whole answer and its stream. Where they are not, it is one of
these, on purpose. Not compared are ids, times, the words of refusals, and how much of a prompt was cached.
`;

/** The whole document. */
export function differencesDocument(): string {
  return [introduction, ...Object.entries(differenceTopics).map(section)].join("\n");
}

function section([topic, table]: [string, Readonly<Record<string, Difference>>]): string {
  const rows = Object.values(table).map(
    ({ sent, direct, gateway, reason }) => `| ${sent} | ${direct} | ${gateway} | ${reason}. |`,
  );
  const head = ["| A client sends | llama-server | The gateway | Why |", "|---|---|---|---|"];
  return `## ${topic}\n\n${[...head, ...rows].join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(documentFile, differencesDocument());
  console.log(`Wrote ${path.relative(process.cwd(), documentFile)}.`);
}
