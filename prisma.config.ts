/** Settings of the `prisma` command; the program itself never runs it, except `prisma generate` when it is set up. */
import process from "node:process";
import { defineConfig } from "prisma/config";

// `generate` and `validate` would download the schema engine although they do not need it. Pointing at a binary that
// exists prevents this, and one that understands no command makes `prisma migrate` fail loudly: migrations are made and
// applied by `npm run migrate`.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "prisma/schema.prisma" });
