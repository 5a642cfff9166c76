/**
 * Members in no order, each added and removed at once, for what comes and goes with every request. A `Set` in such use
 * leaves a table behind each time it is filled up, and each of them keeps the members that it had until the old generation
 * is collected: 30 us of garbage collection a request.
 */
export interface Seated {
  /** Where it stands in its roster, which alone sets it; -1 in none. */
  place: number;
}

export class Roster<Member extends Seated> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** @returns false for one that is not in it */
  remove(member: Member): boolean {
    const { place } = member;
    if (this.#members[place] !== member) return false;
    member.place = -1;
    const last = this.#members.pop();
    if (last && last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    return true;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.values();
  }
}
