/** Objects that a client may fill as it likes. */
import { z } from "zod";

/**
 * A record of at most so many entries, counted before zod walks them: an issue costs microseconds, and there may be one
 * for each entry. For lists zod does the same by itself.
 */
export function boundedRecord<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  mostEntries: number,
) {
  const counted = z.preprocess(
    (input, { issues }) => {
      if (typeof input === "object" && input !== null && Object.keys(input).length > mostEntries)
        issues.push({ code: "custom", message: `must have at most ${mostEntries} entries`, input });
      return input;
    },
    z.record(key, value),
  );
  return counted.meta({ maxProperties: mostEntries });
}
