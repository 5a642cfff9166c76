/** The dashboard and the documentation know the metrics that there are, and no others. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type Definition, definitions, metricNames, prefix } from "./definitions.ts";

const docs = path.resolve(import.meta.dirname, "../../docs");
const read = (name: string) => readFileSync(path.join(docs, name), "utf8");

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { h: number; w: number; x: number; y: number };
  datasource?: unknown;
  targets?: { refId: string; expr: string; datasource: unknown }[];
}

interface Dashboard {
  __inputs: { name: string; type: string; pluginId: string }[];
  uid: string;
  title: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; definition: string; datasource: unknown }[] };
  annotations: { list: { expr: string }[] };
}

const dashboard = JSON.parse(read("grafana.json")) as Dashboard;
const queries = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ definition }) => definition),
  ...dashboard.annotations.list.map(({ expr }) => expr),
];

/** The series that a metric has in the text format. */
const seriesOf = (name: string, { type }: Definition) =>
  type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => prefix + name + end) : [prefix + name];

it("docs/observability.md has a row for each metric, as it is defined", () => {
  const rows = read("observability.md")
    .split("\n")
    .filter((line) => line.startsWith(`| \`${prefix}`));
  const expected = metricNames.map((name) => {
    const { type, labels, help }: Definition = definitions[name];
    const shown = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${prefix}${name}\` | ${type} | ${shown} | ${help} |`;
  });
  expect(rows).toEqual(expected);
});

it("the dashboard asks for metrics that there are", () => {
  const known = new Set(metricNames.flatMap((name) => seriesOf(name, definitions[name])));
  const asked = queries.flatMap((query) => query.match(/\bllm_gateway_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(30);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});

it("the dashboard shows every metric, each by labels that it has", () => {
  const unseen = metricNames.filter(
    (name) =>
      !seriesOf(name, definitions[name]).some((series) => queries.some((query) => query.includes(series))),
  );
  expect(unseen).toEqual([]);
  const labels = new Set(["le", ...Object.values(definitions).flatMap(({ labels }: Definition) => labels)]);
  const used = queries.flatMap((query) =>
    [...query.matchAll(/by \(([^)]*)\)|(\w+)=~?"/g)].flatMap(([, list, one]) =>
      (list ?? one ?? "").split(", "),
    ),
  );
  expect(used.filter((label) => !labels.has(label))).toEqual([]);
});

it("the dashboard can be imported: it asks for its data source, and every panel has a place and queries", () => {
  expect(dashboard).toMatchObject({ id: null, uid: "llm-gateway", title: "LLM Gateway", schemaVersion: 39 });
  expect(dashboard.__inputs).toEqual([
    expect.objectContaining({ name: "DS_PROMETHEUS", type: "datasource", pluginId: "prometheus" }),
  ]);
  const source = { type: "prometheus", uid: `\${DS_PROMETHEUS}` };
  const panels = dashboard.panels.filter(({ type }) => type !== "row");
  for (const { title, datasource, targets = [] } of panels) {
    expect([title, datasource]).toEqual([title, source]);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets)
      expect(target).toMatchObject({ refId: expect.any(String), datasource: source });
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

it("no two panels of the dashboard overlap", () => {
  const taken = new Set<string>();
  for (const { gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24);
        expect(taken).not.toContain(`${x},${y}`);
        taken.add(`${x},${y}`);
      }
});
