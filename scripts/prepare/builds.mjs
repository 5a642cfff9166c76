/** What is generated and built from the clone's own sources. */
import { createRequire } from "node:module";
import path from "node:path";
import { run } from "./command.mjs";
import { fingerprint, Stamp } from "./stamp.mjs";

/** Every build follows from these too. */
const always = ["package-lock.json", "tsconfig.json"];

/**
 * @typedef {object} Build
 * @property {string} title
 * @property {string} name of the stamp
 * @property {readonly string[]} inputs
 * @property {readonly string[]} outputs
 * @property {(root: string) => readonly string[]} command what Node runs
 * @property {Record<string, string>} [env]
 */

/** @type {Build} */
const generate = {
  title: "Database client (prisma generate)",
  name: "generate",
  inputs: ["prisma/schema.prisma", "prisma.config.ts"],
  outputs: ["lib/data/generated"],
  command: (root) => [resolveFrom(root, "prisma/build/index.js"), "generate"],
  env: { CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
};

/** @type {Build} */
const server = {
  title: "Server (esbuild)",
  name: "server",
  inputs: ["app", "lib", "server", "prisma/schema.prisma", "scripts/build.mjs", "scripts/prepare"],
  outputs: ["dist/server.mjs", "dist/database-worker.mjs"],
  command: () => ["scripts/build.mjs", "server"],
};

/** @type {Build} */
const portal = {
  title: "Portal (next build)",
  name: "portal",
  inputs: [
    "app",
    "components",
    "lib",
    "messages",
    "public",
    "prisma/schema.prisma",
    "next.config.ts",
    "postcss.config.mjs",
    "scripts/build.mjs",
  ],
  outputs: [".next/BUILD_ID"],
  command: () => ["scripts/build.mjs", "portal"],
};

/**
 * @param {string} root
 * @param {{ forDevelopment: boolean }} purpose development builds the server and the portal itself, as they change
 * @returns {import("./steps.mjs").Step[]}
 */
export function buildSteps(root, { forDevelopment }) {
  const builds = forDevelopment ? [generate] : [generate, server, portal];
  return builds.map((build) => buildStep(root, build));
}

/**
 * @param {string} root
 * @param {Build} build
 * @returns {import("./steps.mjs").Step}
 */
export function buildStep(root, { title, name, inputs, outputs, command, env }) {
  const stamp = new Stamp(root, name, outputs);
  const current = () => fingerprint(root, [...inputs, ...always]);
  return {
    title,
    lock: "clone",
    isNeeded: () => !stamp.matches(current()),
    async run(report) {
      // Taken first: what changes during the build is built the next time.
      const now = current();
      stamp.clear();
      await run(process.execPath, command(root), {
        cwd: root,
        env: { ...env, NODE_ENV: undefined },
        onLine: (line) => report.detail(line.slice(0, 60)),
      });
      stamp.write(now);
    },
  };
}

/**
 * A file of an installed package, which did not exist yet when this program started.
 * @param {string} root
 * @param {string} file
 */
function resolveFrom(root, file) {
  return createRequire(path.join(root, "package.json")).resolve(file);
}
