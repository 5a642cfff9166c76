/**
 * A gateway reduced to its slots, as a process that tests can kill: `parent.mjs DATA_DIR LLAMA_SERVER PORT...`.
 * It loads a model into each slot and restarts one after the other for ever.
 */
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { readEnvironment } from "../../../lib/env.ts";
import { createSlots } from "../supervisor.ts";
import { timings } from "../timings.ts";
import { MemoryConfig } from "./memory-config.ts";

const [dataDir = "", llamaServer = "", ...ports] = process.argv.slice(2);
const models = ["tiny-text.gguf", "tiny-embed.gguf", "tiny-think.gguf"];
const wishes = ports.map((port, index) => [port, { model_path: models[index % models.length] }]);
const config = new MemoryConfig(Object.fromEntries(wishes), { drain_s: 1 });
const environment = { ...readEnvironment({ ...process.env, GATEWAY_DATA_DIR: dataDir }), llamaServer };
const slots = createSlots({
  config,
  environment,
  log: pino({ level: "silent" }),
  timings: { ...timings, stopGraceMs: 500 },
});

for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => slots.shutdown(3_000).then(() => process.exit(0)));

await slots.start();
for (;;) {
  for (const port of config.slotPorts)
    await slots.restart(port).then(
      () => undefined,
      // It is refused at once while shutting down.
      () => sleep(20),
    );
}
