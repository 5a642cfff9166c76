import fc from "fast-check";
import { expect, it } from "vitest";
import { Roster, type Seated } from "./roster.ts";

it("agrees with a set, whatever is added and removed", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 200 }), (steps) => {
      const members = Array.from({ length: 10 }, (): Seated => ({ place: -1 }));
      const roster = new Roster<Seated>();
      const set = new Set<Seated>();
      for (const step of steps) {
        const member = members[step] as Seated;
        if (set.has(member)) {
          set.delete(member);
          expect(roster.remove(member)).toBe(true);
        } else {
          set.add(member);
          roster.add(member);
        }
        expect(new Set(roster)).toEqual(set);
        expect(roster.size).toBe(set.size);
      }
      for (const member of members) if (!set.has(member)) expect(roster.remove(member)).toBe(false);
    }),
  );
});
