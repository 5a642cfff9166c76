import path from "node:path";
import type { NextConfig } from "next";

/** Read by `next build` alone: the running server takes what the build made of it (server/http/portal.ts). */
const config: NextConfig = {
  // Compressing would buffer streams, and it is a reverse proxy's task.
  compress: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // These bring native parts or wasm files that they find by their own path, which bundling would break.
  serverExternalPackages: ["@prisma/client", "execa", "libsql", "pino", "swagger-ui-dist", "undici"],
  // `npm run check` does this for the whole project; twice would only be slower.
  typescript: { ignoreBuildErrors: true },
  // Without it Next guesses, and a lock file in a parent folder would win.
  turbopack: { root: path.resolve(import.meta.dirname) },
};

export default config;
