/**
 * JavaScript on purpose: to read a configuration in TypeScript, Next would load its compiler into the running server,
 * which costs 30 MB of memory and some of the start.
 * @type {import("next").NextConfig}
 */
export default {
  // Compressing would buffer streams, and it is a reverse proxy's task.
  compress: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // These bring native parts or wasm files that they find by their own path, which bundling would break.
  serverExternalPackages: ["@prisma/adapter-libsql", "@prisma/client", "execa", "libsql", "pino", "undici"],
  // `npm run check` does this for the whole project; twice would only be slower.
  typescript: { ignoreBuildErrors: true },
  // Without it Next guesses, and a lock file in a parent folder would win.
  turbopack: { root: import.meta.dirname },
};
