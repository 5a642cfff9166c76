/** The steps of a preparation, in order. */
import { buildSteps } from "./builds.mjs";
import { dependenciesStep } from "./dependencies.mjs";
import { llamaServerStep } from "./llama/step.mjs";
import { root } from "./settings.mjs";
import { starterStep } from "./starter.mjs";

/**
 * @typedef {object} Step
 * @property {string} title what it does
 * @property {"clone" | "cache"} lock what it changes: this clone, or the cache that clones share
 * @property {() => boolean} isNeeded fast: asked at every start
 * @property {(report: import("./report.mjs").Report) => Promise<string | undefined | void>} run what came of it, in a few words
 * @property {string} [withoutIt] what still works when it fails; without this the preparation ends
 */

/**
 * @param {import("./settings.mjs").Settings} settings
 * @returns {Step[]}
 */
export function steps(settings) {
  return [
    dependenciesStep(root),
    ...buildSteps(root, { forDevelopment: settings.purpose === "dev" }),
    // The model first: it is what llama-server is tried with.
    starterStep(settings),
    llamaServerStep(settings),
  ];
}
