/** Settles batches of ten until it is killed, and prints the number of each that was committed. */
import { openDatabase } from "../client.ts";
import { settlement } from "./samples.ts";

const [dataDir = "", firstBatch = ""] = process.argv.slice(2);
const database = await openDatabase({ dataDir });
let next = Number(firstBatch);

async function settleForever(): Promise<never> {
  for (;;) {
    const batch = next++;
    const entries = Array.from({ length: 10 }, (_, index) => ({
      settlement: settlement({ requestId: `batch-${batch}-${index}` }),
      chargeNanos: 1000,
    }));
    await database.settle(entries);
    process.stdout.write(`${batch}\n`);
  }
}

await Promise.all([settleForever(), settleForever(), settleForever()]);
