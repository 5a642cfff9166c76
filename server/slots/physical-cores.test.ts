import { expect, it } from "vitest";
import { coresIn } from "./physical-cores.ts";

const processor = (socket: number, core: number) =>
  `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

it("counts each core once, however many threads it has", () => {
  expect(coresIn([processor(0, 0), processor(0, 1), processor(0, 0), processor(0, 1)].join("\n"))).toBe(2);
  expect(coresIn([processor(0, 0), processor(1, 0)].join("\n"))).toBe(2);
});

it("counts none where the system does not tell", () => {
  expect(coresIn("processor\t: 0\nBogoMIPS\t: 50\n\nprocessor\t: 1\n")).toBe(0);
});
