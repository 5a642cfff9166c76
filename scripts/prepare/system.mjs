/** System packages that the tests cannot do without. Asked first, so that a missing one is named at once. */
import { spawnSync } from "node:child_process";
import { findOnPath } from "./command.mjs";

/** @throws Error that names what is missing and how to install it */
export function checkTestTools() {
  const python = findOnPath("python3") ?? findOnPath("python");
  const missing = [];
  if (!python) missing.push("python3 (Debian, Ubuntu: apt install python3 python3-venv python3-pip)");
  else if (!imports(python, "venv, ensurepip, pip"))
    missing.push("Python's venv and pip (Debian, Ubuntu: apt install python3-venv python3-pip)");
  if (missing.length > 0)
    throw new Error(
      `The tests need ${missing.join(" and ")}: the OpenAI SDK for Python is one of the clients they use.`,
    );
}

/**
 * @param {string} python
 * @param {string} modules
 */
function imports(python, modules) {
  return spawnSync(python, ["-c", `import ${modules}`], { windowsHide: true }).status === 0;
}
