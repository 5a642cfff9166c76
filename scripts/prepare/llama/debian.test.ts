import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test-support.ts";
import { packageSource, writeLauncher } from "./debian.mjs";

test("takes the newest packages from the site that the system uses", () => {
  const debian = "'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_debian_dists 0\n";
  expect(packageSource(debian)).toBe(
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian sid main\n",
  );
  const ubuntu =
    "'http://mirror.example/x/y' a 0\n'https://ports.example/ubuntu-ports/dists/noble/InRelease' b 0\n";
  expect(packageSource(ubuntu)).toBe(
    "deb [signed-by=/usr/share/keyrings/ubuntu-archive-keyring.gpg] https://ports.example/ubuntu-ports devel main universe\n",
  );
});

test("a security archive alone is no source", () => {
  expect(() => packageSource("'http://mirror.example/debian-security/dists/x/InRelease' a 0\n")).toThrow(
    /no source/,
  );
});

test("the launcher passes its arguments on, and still works after its folder was renamed", () => {
  const parent = temporaryFolder();
  const folder = path.join(parent, "unfinished");
  const libraries = "root/usr/lib/x86_64-linux-gnu";
  mkdirSync(path.join(folder, libraries, "ggml/backends0"), { recursive: true });
  writeFileSync(path.join(folder, libraries, "ggml/backends0/libggml-cpu-x64.so"), "");
  const loader = path.join(folder, libraries, "ld-linux-x86-64.so.2");
  writeFileSync(loader, '#!/bin/sh\nls "$(dirname "$0")"\nprintf "%s\\n" "$@"\n');
  chmodSync(loader, 0o755);

  const launcher = writeLauncher(folder, libraries);
  const moved = path.join(parent, "final place");
  renameSync(folder, moved);
  const printed = execFileSync(path.join(moved, launcher), ["--model", "a b.gguf"], { encoding: "utf8" });
  const lib = path.join(moved, libraries);
  expect(printed.trim().split("\n")).toEqual([
    "ggml",
    "ld-linux-x86-64.so.2",
    "libggml-cpu-x64.so",
    "--library-path",
    `${lib}:${lib}/llama`,
    path.join(moved, "root/usr/bin/llama-server"),
    "--model",
    "a b.gguf",
  ]);
});
