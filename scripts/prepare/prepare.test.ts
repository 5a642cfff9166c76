/**
 * The whole preparation, in a clone of its own. Its packages are small ones that stand in for Prisma, esbuild and Next
 * and write down when they ran: npm installs them for real, from folders.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "./settings.mjs";
import { pretendedLlamaServer, program, temporaryFolder } from "./test-support.ts";

/** Writes "begin NAME" and "end NAME" around the time that a test can lengthen. */
const noteRun = (name: string) => `
  import { appendFileSync } from "node:fs";
  appendFileSync(process.env.RUN_LOG, "begin ${name}\\n");
  await new Promise((resolve) => setTimeout(resolve, Number(process.env.SLOW_${name} ?? 0)));
  appendFileSync(process.env.RUN_LOG, "end ${name}\\n");`;

const packages = {
  prisma: {
    file: "build/index.js",
    code: `${noteRun("prisma")}
      import { mkdirSync, writeFileSync } from "node:fs";
      mkdirSync("lib/data/generated", { recursive: true });
      writeFileSync("lib/data/generated/client.ts", "");`,
  },
  esbuild: {
    file: "index.js",
    code: `import { mkdirSync, writeFileSync } from "node:fs";
      export async function build() {
        ${noteRun("esbuild").replace('import { appendFileSync } from "node:fs";', "")}
        mkdirSync("dist", { recursive: true });
        for (const name of ["server", "database-worker"]) writeFileSync(\`dist/\${name}.mjs\`, "");
      }
      import { appendFileSync } from "node:fs";`,
  },
  next: {
    file: "dist/bin/next",
    code: `${noteRun("next")}
      import { mkdirSync, writeFileSync } from "node:fs";
      mkdirSync(".next", { recursive: true });
      writeFileSync(".next/BUILD_ID", "1");`,
  },
};

/** A clone with those packages as development dependencies, and a machine where llama-server is on PATH. */
function clone() {
  const folder = path.join(temporaryFolder(), "clone");
  mkdirSync(path.join(folder, "lib"), { recursive: true });
  cpSync(path.join(root, "scripts"), path.join(folder, "scripts"), { recursive: true });
  // Its plain JavaScript is there for the preparation.
  for (const name of readdirSync(path.join(root, "lib")).filter((file) => file.endsWith(".mjs")))
    cpSync(path.join(root, "lib", name), path.join(folder, "lib", name));
  const names = Object.keys(packages);
  for (const [name, { file, code }] of Object.entries(packages)) {
    mkdirSync(path.join(folder, "packages", name, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, "packages", name, file), code);
    const manifest = { name, version: "1.0.0", type: "module", main: file };
    writeFileSync(path.join(folder, "packages", name, "package.json"), JSON.stringify(manifest));
  }
  const devDependencies = Object.fromEntries(names.map((name) => [name, `file:packages/${name}`]));
  const manifest = { name: "clone", version: "1.0.0", type: "module", devDependencies };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const locked = names.flatMap((name) => [
    [`node_modules/${name}`, { resolved: `packages/${name}`, link: true }],
    [`packages/${name}`, { version: "1.0.0", dev: true }],
  ]);
  const lock = { name: "clone", version: "1.0.0", lockfileVersion: 3, requires: true };
  writeFileSync(
    path.join(folder, "package-lock.json"),
    JSON.stringify({ ...lock, packages: { "": manifest, ...Object.fromEntries(locked) } }),
  );
  const bin = path.join(folder, "../bin");
  program(bin, "llama-server", pretendedLlamaServer());
  const environment = {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    GATEWAY_CACHE_DIR: path.join(folder, "../cache"),
    GATEWAY_STARTER: "off",
    RUN_LOG: path.join(folder, "../log"),
    // npm may look at nothing but the folders.
    npm_config_offline: "true",
  };
  return { folder, environment, log: () => readLines(environment.RUN_LOG) };
}

function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

interface Run {
  child: ChildProcess;
  /** Both streams so far. */
  text: () => string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
}

function prepare(
  { folder, environment }: ReturnType<typeof clone>,
  variables: Record<string, string> = {},
): Run {
  const child = spawn(process.execPath, ["scripts/prepare.mjs", "--for=start"], {
    cwd: folder,
    env: { ...environment, ...variables },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  return { child, text: () => text, ended: once(child, "close").then(([code]) => code) };
}

const everything = ["begin prisma", "end prisma", "begin esbuild", "end esbuild", "begin next", "end next"];

test("does every step once, says so, and afterwards has nothing to do and to say", async () => {
  const it = clone();
  const first = prepare(it, { NODE_ENV: "production" });
  expect(await first.ended, first.text()).toBe(0);
  expect(it.log()).toEqual(everything);
  for (const title of [
    "Dependencies",
    "prisma generate",
    "esbuild",
    "next build",
    "llama-server: 9.9.9, PATH",
  ])
    expect(first.text()).toContain(title);

  const second = prepare(it);
  expect(await second.ended).toBe(0);
  expect(second.text()).toBe("");
  expect(it.log()).toEqual(everything);
});

test("does again only what a change concerns", async () => {
  const it = clone();
  await prepare(it).ended;
  mkdirSync(path.join(it.folder, "components"));
  writeFileSync(path.join(it.folder, "components/button.tsx"), "");
  await prepare(it).ended;
  expect(it.log().slice(everything.length)).toEqual(["begin next", "end next"]);
  rmSync(path.join(it.folder, "dist/server.mjs"));
  await prepare(it).ended;
  expect(it.log().slice(everything.length + 2)).toEqual(["begin esbuild", "end esbuild"]);
});

test("two at once do every step once, and the one that waits says for whom", async () => {
  const it = clone();
  const first = prepare(it, { SLOW_prisma: "700" });
  await expect.poll(first.text, { timeout: 20_000 }).toContain("prisma generate");
  const second = prepare(it);
  expect(await first.ended).toBe(0);
  expect(await second.ended, second.text()).toBe(0);
  expect(it.log()).toEqual(everything);
  expect(second.text()).toContain(`Waiting for another preparation: process ${first.child.pid}`);
});

test("a step that was interrupted is done again, even when the change that caused it is taken back", async () => {
  const it = clone();
  await prepare(it).ended;
  writeFileSync(path.join(it.folder, "next.config.ts"), "changed");
  const interrupted = prepare(it, { SLOW_next: "60000" });
  await expect.poll(() => it.log().at(-1)).toBe("begin next");
  interrupted.child.kill("SIGINT");
  expect(await interrupted.ended).toBe(130);
  expect(interrupted.text()).toContain("Interrupted");
  expect(existsSync(path.join(it.folder, ".prepare.lock"))).toBe(false);
  rmSync(path.join(it.folder, "next.config.ts"));
  expect(await prepare(it).ended).toBe(0);
  expect(it.log().slice(-3)).toEqual(["begin next", "begin next", "end next"]);
});

test("after a kill -9 the next run waits for what still works, and then does the step", async () => {
  const it = clone();
  await prepare(it).ended;
  writeFileSync(path.join(it.folder, "next.config.ts"), "changed");
  const killed = prepare(it, { SLOW_next: "1500" });
  await expect.poll(() => it.log().at(-1)).toBe("begin next");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = prepare(it);
  expect(await next.ended, next.text()).toBe(0);
  expect(next.text()).toContain(`Waiting for another preparation: process ${killed.child.pid}`);
  expect(it.log().slice(-4)).toEqual(["begin next", "end next", "begin next", "end next"]);
});

test("a step that fails ends the run with its last lines, and is done at the next run", async () => {
  const it = clone();
  const broken = path.join(it.folder, "packages/prisma/build/index.js");
  const code = readFileSync(broken, "utf8");
  writeFileSync(broken, `console.error("schema.prisma: line 7 is wrong"); process.exitCode = 2;`);
  const failed = prepare(it);
  expect(await failed.ended).toBe(1);
  expect(failed.text()).toContain("schema.prisma: line 7 is wrong");
  expect(it.log()).toEqual([]);
  writeFileSync(broken, code);
  expect(await prepare(it).ended).toBe(0);
});

test("without npm's cache and network, names the step and shows npm's own words", async () => {
  const it = clone();
  const manifest = JSON.parse(readFileSync(path.join(it.folder, "package-lock.json"), "utf8"));
  manifest.packages["node_modules/absent"] = { version: "1.0.0", dev: true };
  manifest.packages[""].devDependencies.absent = "1.0.0";
  writeFileSync(path.join(it.folder, "package-lock.json"), JSON.stringify(manifest));
  writeFileSync(path.join(it.folder, "package.json"), JSON.stringify(manifest.packages[""]));
  const run = prepare(it, { npm_config_cache: path.join(it.folder, "../npm-cache") });
  expect(await run.ended).toBe(1);
  expect(run.text()).toContain("Dependencies (npm ci): failed");
  expect(run.text()).toMatch(/ENOTCACHED|cache mode is 'only-if-cached'/);
});
