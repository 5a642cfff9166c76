/** The tables that the bench prints and puts into the documentation. */
import { type Comparison, type Figure, figures, type Measured, summarise } from "./figures.ts";
import type { GoalResult } from "./goals.ts";
import type { TargetName } from "./targets/target.ts";

const titles: Record<TargetName, string> = {
  direct: "engine itself",
  proxy: "bare Node proxy",
  gateway: "gateway",
  "gateway-llama": "gateway, llama-server's wire",
};

/** One row a figure, one column a target, comparisons in brackets. */
export function figureTable(measured: Measured, names: readonly TargetName[]): string {
  const rows = figures.map((figure) => [
    figure.label,
    ...names.map((name) => cell(figure, summarise(figure, name, measured))),
  ]);
  return markdownTable([["", ...names.map((name) => titles[name])], ...rows]);
}

/** What is to be reached, what was measured, and the verdict. */
export function goalTable(results: readonly GoalResult[]): string {
  const rows = results.map(({ goal, measured, verdict }) => [
    goal.label,
    goal.atMost === undefined ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`,
    measured === null ? "-" : String(Number(measured.toFixed(2))),
    verdict,
  ]);
  return markdownTable([["target", "", "measured", ""], ...rows]);
}

function cell(figure: Figure, { value, compared }: ReturnType<typeof summarise>): string {
  if (value === null) return "-";
  const text = value.toFixed(figure.digits);
  if (compared === null || figure.of === "fresh" || !figure.compare) return text;
  return `${text} (${comparisonText(compared, figure.compare)})`;
}

function comparisonText(value: number, { how, to }: Comparison): string {
  if (how === "ratio") return `${value.toFixed(2)}x`;
  if (how === "percent") return `${value.toFixed(1)}% of ${to === "proxy" ? "proxy" : "direct"}`;
  return `${value >= 0 ? "+" : ""}${value.toFixed(2)}`;
}

/** Columns padded, so that it also reads well on a terminal. The first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...body.map(line)].join("\n");
}
