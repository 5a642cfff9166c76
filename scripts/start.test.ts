/** `npm start` with a small server in the built one's place, which writes down what happens to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { npm } from "./prepare/command.mjs";
import { root } from "./prepare/settings.mjs";
import { temporaryFolder } from "./prepare/test-support.ts";

const server = `
  import { appendFileSync } from "node:fs";
  appendFileSync("log", \`\${process.pid} \${process.env.NODE_ENV} \${process.ppid}\\n\`);
  process.on("SIGTERM", () => {
    appendFileSync("log", "SIGTERM\\n");
    process.exit(0);
  });
  setInterval(() => {}, 1000);`;

/** A clone that is built, or not, and npm starting it; the preparation is left out. */
function start(built: boolean): { child: ChildProcess; log: () => string[]; text: () => string } {
  const folder = temporaryFolder();
  cpSync(path.join(root, "scripts"), path.join(folder, "scripts"), { recursive: true });
  cpSync(path.join(root, "package.json"), path.join(folder, "package.json"));
  if (built) {
    mkdirSync(path.join(folder, "dist"));
    writeFileSync(path.join(folder, "dist/server.mjs"), server);
  }
  const { command, args } = npm();
  const child = spawn(command, [...args, "start", "--ignore-scripts"], { cwd: folder });
  const log = () =>
    existsSync(path.join(folder, "log"))
      ? readFileSync(path.join(folder, "log"), "utf8").trim().split("\n")
      : [];
  onTestFinished(() => {
    child.kill("SIGKILL");
    const pid = Number.parseInt(log()[0] ?? "", 10);
    if (pid > 0 && !log().includes("SIGTERM")) process.kill(pid, "SIGKILL");
  });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  return { child, log, text: () => text };
}

test("runs the built server for production, as npm's own child, which gets its SIGTERM and gives its exit code", async () => {
  const { child, log } = start(true);
  await expect.poll(log).toEqual([expect.stringMatching(new RegExp(`^\\d+ production ${child.pid}$`))]);
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  expect(log()[1]).toBe("SIGTERM");
});

test("ends in order when npm is killed", async () => {
  const { child, log } = start(true);
  await expect.poll(() => log().length).toBe(1);
  child.kill("SIGKILL");
  await expect.poll(() => log()[1], { timeout: 10_000 }).toBe("SIGTERM");
});

test("says what to do when nothing is built", async () => {
  const { child, text } = start(false);
  const [code] = await once(child, "exit");
  expect(code).toBe(1);
  expect(text()).toContain("npm run setup");
});
