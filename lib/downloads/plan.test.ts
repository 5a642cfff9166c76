import { describe, expect, it } from "vitest";
import type { HubRepository } from "../hub/types.ts";
import { projectorFor } from "../models/projector.ts";
import { planOfRepository } from "./plan.ts";

const repository = (...paths: string[]): HubRepository => ({
  id: "org/vl-GGUF",
  downloads: 0,
  likes: 0,
  gated: false,
  private: false,
  license: null,
  updatedMs: null,
  task: null,
  tags: [],
  revision: "abc",
  files: paths.map((path) => ({ path, sizeBytes: 10, sha256: "0".repeat(64) })),
});
const planned = (filename: string, withProjector: boolean, ...paths: string[]) =>
  planOfRepository(repository(...paths), filename, withProjector).files.map(({ path, remotePath }) => [
    remotePath,
    path,
  ]);

describe("a download's plan", () => {
  it("has all parts, whichever is named, beside the projector in one folder", () => {
    const paths = [
      "Q4_0/vl-Q4_0-00001-of-00002.gguf",
      "Q4_0/vl-Q4_0-00002-of-00002.gguf",
      "mmproj-vl-F16.gguf",
    ];
    expect(planned(paths[1] ?? "", true, ...paths)).toEqual([
      [paths[0], "org--vl-GGUF/vl-Q4_0-00001-of-00002.gguf"],
      [paths[1], "org--vl-GGUF/vl-Q4_0-00002-of-00002.gguf"],
      [paths[2], "org--vl-GGUF/mmproj-vl-F16.gguf"],
    ]);
    expect(planned(paths[1] ?? "", false, ...paths)).toHaveLength(2);
  });

  it("gives a projector without a name its model's, so that every quantisation beside it finds it", () => {
    const [, [, projector = ""] = []] = planned(
      "vl-Q4_0.gguf",
      true,
      "vl-Q4_0.gguf",
      "vl-Q8_0.gguf",
      "mmproj-F16.gguf",
    );
    expect(projector).toBe("org--vl-GGUF/mmproj-vl-F16.gguf");
    for (const model of ["vl-Q4_0.gguf", "vl-Q8_0.gguf"])
      expect(projectorFor(model, [projector, "mmproj-other-F16.gguf"], false)).toBe(projector);
  });

  it("may be of a projector alone", () => {
    expect(planned("mmproj-F16.gguf", true, "vl-Q4_0.gguf", "mmproj-F16.gguf")).toEqual([
      ["mmproj-F16.gguf", "org--vl-GGUF/mmproj-F16.gguf"],
    ]);
  });

  it("is refused: 404 for what is not there, 409 where parts are missing, 400 for an unfit name", () => {
    expect(() => planned("no.gguf", true, "vl.gguf")).toThrow(expect.objectContaining({ status: 404 }));
    expect(() => planned("vl-00001-of-00003.gguf", true, "vl-00001-of-00003.gguf")).toThrow(
      expect.objectContaining({ status: 409, message: expect.stringContaining("the first is number 2") }),
    );
    for (const path of ["a/..gguf", "con.gguf", "a\0.gguf", "..\\..\\a.gguf"])
      expect(() => planned(path, true, path), path).toThrow(expect.objectContaining({ status: 400 }));
  });
});
