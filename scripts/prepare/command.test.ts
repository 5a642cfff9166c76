import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { endCommands, findOnPath, npm, run } from "./command.mjs";
import { program, temporaryFolder } from "./test-support.ts";

const node = process.execPath;

test("gives what both streams said, line by line and as a whole", async () => {
  const lines: string[] = [];
  const code = `console.log("one\\ntwo"); console.error("three");`;
  const output = await run(node, ["-e", code], { onLine: (line) => lines.push(line) });
  expect(lines.toSorted()).toEqual(["one", "three", "two"]);
  expect(output).toContain("one\ntwo\n");
});

test("an argument is an argument, whatever a shell would make of it", async () => {
  const odd = 'a "b" $HOME; `x` | *';
  expect(await run(node, ["-e", "console.log(process.argv[1])", odd])).toBe(`${odd}\n`);
});

test("a failure names the command, how it ended, and its last lines", async () => {
  const code = `for (let line = 1; line <= 100; line += 1) console.error("line", line); process.exitCode = 3;`;
  const failure = await run(node, ["-e", code]).catch((error: Error) => error.message);
  expect(failure).toMatch(/^node -e .* ended with exit code 3\./s);
  expect(failure).toContain("line 100");
  expect(failure).not.toContain("line 1\n");
});

test("a program that is not there is named", async () => {
  await expect(run("/nowhere/tool", [])).rejects.toThrow(/^tool could not be started: .*ENOENT/);
});

test("one that takes too long is ended", async () => {
  await expect(run(node, ["-e", "setInterval(() => {}, 1000)"], { timeoutMs: 300 })).rejects.toThrow(
    /SIGTERM/,
  );
});

test("what runs ends with the preparation", async () => {
  const ended = run(node, ["-e", `console.log("up"); setInterval(() => {}, 1000)`], {
    onLine: () => endCommands(),
  });
  await expect(ended).rejects.toThrow(/SIGTERM/);
});

test("finds only programs on PATH, past what is not executable and what cannot even be looked at", () => {
  const folder = temporaryFolder();
  const plain = path.join(folder, "plain");
  mkdirSync(path.join(folder, "directory/tool"), { recursive: true });
  mkdirSync(plain);
  writeFileSync(path.join(plain, "tool"), "");
  const tool = program(path.join(folder, "bin"), "tool", "");
  // A name that is too long fails for everybody as a closed folder does for users other than root.
  const before = [
    plain,
    path.join(folder, "directory"),
    "",
    path.join(folder, "absent"),
    `/${"x".repeat(300)}`,
  ];
  expect(findOnPath("tool", { PATH: [...before, path.dirname(tool)].join(":") })).toBe(tool);
  expect(findOnPath("tool", { PATH: before.join(":") })).toBeUndefined();
});

test("npm can be run without a shell", async () => {
  const { command, args } = npm();
  expect(await run(command, [...args, "--version"])).toMatch(/^\d+\.\d+\.\d+$/m);
});
