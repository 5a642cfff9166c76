/** Table `capability_tests`: what models were seen to be able to do, or not. One row for each model and capability. */
import { onReader, onWriter } from "./query.ts";

export interface CapabilityRow {
  modelId: string;
  /** As `tools`. */
  capability: string;
  /** Of the model's files (`runFacts` of server/slots). */
  fingerprint: string;
  works: boolean;
  /** What was seen, or came instead. */
  detail: string;
  requestId: string;
  atMs: number;
}

export const capabilityTests = {
  /** Keeps a result instead of the one before. */
  record: onWriter(async (context, row: CapabilityRow): Promise<void> => {
    await context.rows(
      `INSERT INTO capability_tests (model_id, capability, fingerprint, works, detail, request_id, at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (model_id, capability) DO UPDATE SET fingerprint = excluded.fingerprint,
         works = excluded.works, detail = excluded.detail, request_id = excluded.request_id, at_ms = excluded.at_ms
       RETURNING 1`,
      ...[row.modelId, row.capability, row.fingerprint, row.works ? 1 : 0],
      ...[row.detail, row.requestId, row.atMs],
    );
  }),

  /** Of one model, or of all. */
  all: onReader(async (context, modelId: string | null = null): Promise<CapabilityRow[]> => {
    const rows = await context.rows<Omit<CapabilityRow, "works"> & { works: number }>(
      `SELECT model_id AS modelId, capability, fingerprint, works, detail, request_id AS requestId, at_ms AS atMs
       FROM capability_tests WHERE ?1 IS NULL OR model_id = ?1 ORDER BY model_id, capability`,
      modelId,
    );
    return rows.map((row) => ({ ...row, works: row.works === 1 }));
  }),
};
