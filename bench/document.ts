/** The measured parts of docs/performance.md: written by the bench, between markers. */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "..", "docs", "performance.md");

export type Section = "figures" | "profile";

/** Puts a section into the document, with the day and the machine it was measured on. */
export async function writeSection(section: Section, content: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, replaceSection(text, section, `${measuredOn()}\n\n${content}`));
}

/** @throws Error when the document has no such section */
export function replaceSection(text: string, section: Section, content: string): string {
  const begin = `<!-- begin ${section}: written by npm run bench -->`;
  const end = `<!-- end ${section} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`The document has no section "${section}".`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function measuredOn(): string {
  const day = new Date().toISOString().slice(0, 10);
  const cpu = cpus()[0]?.model.trim() ?? "unknown CPU";
  return `Measured on ${day}: ${availableParallelism()} cores (${cpu}), Node ${process.versions.node}.`;
}
