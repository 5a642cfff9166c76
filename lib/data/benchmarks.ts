/** Table `benchmarks`: how fast models were, measured on request. */
import { onReader, onWriter } from "./query.ts";

export interface NewBenchmark {
  modelId: string;
  /** Empty where it ran without one. */
  preset: string;
  /** JSON: what speed depends on (`runFacts` of server/slots). Equal settings are equal texts. */
  settings: string;
  /** JSON: `BenchmarkResults` of lib/benchmarks. */
  results: string;
  startedAtMs: number;
}

export interface StoredBenchmark extends NewBenchmark {
  id: number;
}

export const benchmarks = {
  /** @returns the row's id */
  add: onWriter(async (context, row: NewBenchmark): Promise<number> => {
    const [added] = await context.rows<{ id: number }>(
      `INSERT INTO benchmarks (model_id, preset, settings, results, started_at_ms)
       VALUES (?, ?, ?, ?, ?) RETURNING id`,
      ...[row.modelId, row.preset, row.settings, row.results, row.startedAtMs],
    );
    if (!added) throw new Error("A benchmark was not written.");
    return added.id;
  }),

  /** The last ones of a model, newest first. */
  ofModel: onReader(
    async (context, modelId: string, limit: number): Promise<StoredBenchmark[]> =>
      context.rows(
        `SELECT id, model_id AS modelId, preset, settings, results, started_at_ms AS startedAtMs
         FROM benchmarks WHERE model_id = ? ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
        modelId,
        limit,
      ),
  ),
};
