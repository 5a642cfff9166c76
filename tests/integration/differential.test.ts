/**
 * The same body gets the same answer from the gateway as from a llama-server with the same model and settings, whole and
 * streamed, but for the differences that are meant: `differential/differences` lists them, and
 * `docs/differences-from-llama-server.md` is made from that list.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case, Corpus } from "./differential/case.ts";
import type { Finding } from "./differential/compare.ts";
import { corpora } from "./differential/corpus/index.ts";
import { type DifferenceName, differences } from "./differential/differences/index.ts";
import { type Comparison, compareBoth } from "./differential/run.ts";
import { type Servers, startServers } from "./differential/servers.ts";

let servers: Servers;
/** Those that some body has shown. */
const seen = new Set<string>();

beforeAll(async () => {
  servers = await startServers();
});
afterAll(async () => servers?.[Symbol.asyncDispose]());

/** @returns the findings that no difference of the case covers, and those of its differences that cover nothing */
function unexplained({ findings }: Comparison, one: Case, { always }: Corpus) {
  const shown = new Set<DifferenceName>();
  const covers = (finding: Finding, name: DifferenceName): boolean => {
    // The gateway's own two answers are the same, whatever llama-server's are.
    if (finding.view === "gateway's own" || !differences[name].covers(finding, one)) return false;
    shown.add(name);
    seen.add(name);
    return true;
  };
  const meant = always ? [...one.differs, always] : one.differs;
  return {
    undocumented: findings.filter((finding) => meant.filter((name) => covers(finding, name)).length === 0),
    notShown: one.differs.filter((name) => !shown.has(name)),
  };
}

function report({ answers }: Comparison): string {
  return answers.map(([from, { status, raw }]) => `${from}: ${status} ${raw.slice(0, 3000)}`).join("\n\n");
}

test("the corpus is as large as it should be, and no case stands in it twice", () => {
  const names = Object.entries(corpora).flatMap(([topic, { cases }]) =>
    cases.map(({ name }) => `${topic}: ${name}`),
  );
  expect(names.length).toBeGreaterThanOrEqual(400);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe.each(Object.entries(corpora))("%s", (_topic, corpus) => {
  test.each([...corpus.cases])("$name", async (one) => {
    const comparison = await compareBoth(servers, corpus.endpoint, one);
    const { undocumented, notShown } = unexplained(comparison, one, corpus);
    expect(undocumented, report(comparison)).toEqual([]);
    expect(notShown, report(comparison)).toEqual([]);
  });
});

test("every difference in the list was seen", () => {
  expect(Object.keys(differences).filter((name) => !seen.has(name))).toEqual([]);
});
