/** What commands print: tables and lines for people, or JSON for programs. */
import type { Command } from "commander";

export interface Column<Row> {
  heading: string;
  value(row: Row): string | number | null | undefined;
  /** Numbers stand on the right. */
  align?: "right";
}

/** True where `--json` was given, before the command or behind it. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true;
}

/** Prints a result: as JSON where that was asked for, else in these words. */
export function print(command: Command, result: unknown, words: string): void {
  console.log(wantsJson(command) ? JSON.stringify(result, null, 2) : words);
}

/** Rows under headings, in columns as wide as their longest entry. Nothing there is a dash. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none = "There is nothing.",
): string {
  if (rows.length === 0) return none;
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? "-"))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) =>
    line.map((cell, index) =>
      columns[index]?.align === "right" ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    ),
  );
  return lines.map((line) => line.join("  ").trimEnd()).join("\n");
}

/** As `2 h 5 min`. @param seconds null: unknown */
export function duration(seconds: number | null): string | null {
  if (seconds === null) return null;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** As `1.5 GB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let [value, unit] = [count / 1000, 0];
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${units[unit]}`;
}
