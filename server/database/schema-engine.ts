/**
 * Prisma's schema engine as WebAssembly: the native one would have to be downloaded. It is loaded only when there is
 * something to migrate.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { FifoLock } from "../../lib/fifo-lock.ts";
import type { Connection } from "./connection.ts";
import { SharedConnectionAdapter } from "./prisma-adapter.ts";

const packageName = "@prisma/schema-engine-wasm";

/** No table or enum is managed by anything else. */
export const schemaFilter = { externalTables: [], externalEnums: [] };

/** Once a thread: the package keeps its instance and views of its memory in module variables. */
let loading: ReturnType<typeof loadBindings> | undefined;

/** A schema engine that works on this connection. */
export async function openSchemaEngine(connection: Connection): Promise<SchemaEngine> {
  loading ??= loadBindings();
  const bindings = await loading;
  const adapter = bindMigrationAwareSqlAdapterFactory(
    new SharedConnectionAdapter(connection, new FifoLock()),
  );
  return bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
}

/** The package's own entry imports the `.wasm` file as a module, which Node does not do without a flag. */
async function loadBindings() {
  const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const folder = path.dirname(createRequire(import.meta.url).resolve(packageName));
  const binary = await readFile(path.join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(binary, {
    "./schema_engine_bg.js": { ...bindings },
  });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === "function") start();
  return bindings;
}
