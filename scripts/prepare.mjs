/**
 * Makes a clone ready: `node scripts/prepare.mjs [--for=start|test|dev]`. `npm start` and `npm test` run it first.
 * This file stays in the JavaScript of old versions of Node, so that they can still say which one is needed.
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `LLM Gateway needs Node.js 20.19 or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      "Install a newer one from https://nodejs.org or with your version manager, then run the command again.",
  );
  process.exit(1);
}

import("./prepare/main.mjs").then(
  (module) => module.prepare(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
