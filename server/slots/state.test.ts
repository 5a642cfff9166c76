import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FailureKind } from "./engines/engine.ts";
import {
  backoffMs,
  type Effect,
  emptySlot,
  restartPolicy,
  type SlotEvent,
  type SlotState,
  transition,
  type Wish,
} from "./state.ts";

const operator: Wish = { request: { model_path: "a.gguf" }, origin: "operator" };
const configured: Wish = { request: { model_path: "b.gguf" }, origin: "config" };
const demanded: Wish = { request: { model_path: "c.gguf" }, origin: "demand" };
const failure = (kind: FailureKind) => ({ kind, cause: kind, message: `it ${kind}`, nextStep: null });

/** A slot driven by hand: `now` is the clock. */
class Driven {
  state: SlotState = emptySlot;
  effect: Effect | null = null;
  now = 0;

  send(event: SlotEvent): this {
    ({ state: this.state, effect: this.effect } = transition(this.state, event, this.now, restartPolicy));
    return this;
  }

  want(wish: Wish | null): this {
    return this.send({ kind: "want", wish });
  }

  ready(): this {
    return this.send({ kind: "ready", generation: this.state.generation });
  }

  end(kind: FailureKind): this {
    return this.send({ kind: "ended", generation: this.state.generation, failure: failure(kind) });
  }

  retry(): this {
    return this.send({ kind: "retry", generation: this.state.generation });
  }

  stopped(): this {
    return this.send({ kind: "stopped", generation: this.state.generation });
  }
}

const ready = (wish: Wish) => new Driven().want(wish).ready();

describe("a slot", () => {
  it("loads, unloads and is empty again", () => {
    const slot = new Driven().want(operator);
    expect([slot.state.status, slot.effect]).toEqual([
      "starting",
      { kind: "start", generation: 1, wish: operator },
    ]);
    expect(slot.ready().state).toMatchObject({ status: "ready", wasReady: true });
    expect(slot.want(null).effect).toEqual({ kind: "stop", generation: 1 });
    expect(slot.state.status).toBe("draining");
    expect(slot.stopped().state).toMatchObject({ status: "empty", wish: null, failure: null });
    expect(slot.effect).toBeNull();
  });

  it("drains before it runs something else", () => {
    const slot = ready(operator).want(configured);
    expect([slot.state.status, slot.effect]).toEqual(["draining", { kind: "stop", generation: 1 }]);
    expect(slot.stopped().effect).toEqual({ kind: "start", generation: 2, wish: configured });
  });

  it("takes the last wish made while draining", () => {
    const slot = ready(operator).want(configured).want(null).want(operator);
    expect(slot.effect).toBeNull();
    expect(slot.stopped().effect).toEqual({ kind: "start", generation: 2, wish: operator });
  });

  it("gives a start up when it is not wanted any more", () => {
    const slot = new Driven().want(operator).want(null);
    expect(slot.effect).toEqual({ kind: "stop", generation: 1 });
    expect(slot.end("killed").state.status).toBe("empty");
  });

  it("ignores what an earlier engine reports", () => {
    const slot = ready(operator).want(configured).stopped();
    slot.send({ kind: "ended", generation: 1, failure: failure("killed") });
    expect(slot.state).toMatchObject({ status: "starting", generation: 2, crashes: 0 });
  });
});

describe("a crash", () => {
  it("is followed by a start after a growing wait, and by `failed` after the fifth in a row", () => {
    const slot = ready(configured);
    const waits: number[] = [];
    for (let crash = 1; crash <= 4; crash++) {
      slot.end("killed");
      expect(slot.state).toMatchObject({ status: "crashed", crashes: crash, failure: failure("killed") });
      if (slot.effect?.kind === "retry") waits.push(slot.effect.afterMs);
      slot.retry();
      expect(slot.effect).toMatchObject({ kind: "start", wish: configured });
      slot.ready();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(slot.end("killed").state).toMatchObject({ status: "failed", crashes: 5 });
    expect(slot.effect).toBeNull();
  });

  it("is forgotten once the engine was healthy for a while", () => {
    const slot = ready(configured).end("killed").retry().ready().end("killed");
    expect(slot.state.crashes).toBe(2);
    slot.retry().ready();
    slot.now += restartPolicy.healthyAfterMs - 1;
    expect(slot.end("killed").state.crashes).toBe(3);
    slot.retry().ready();
    slot.now += restartPolicy.healthyAfterMs;
    expect(slot.end("killed").state.crashes).toBe(1);
  });

  it("is over at once when the slot is wanted empty, and its start does not come any more", () => {
    const slot = ready(operator).end("killed");
    const { generation } = slot.state;
    expect(slot.want(null).state).toMatchObject({ status: "empty", failure: null, crashes: 0 });
    expect(slot.send({ kind: "retry", generation }).effect).toBeNull();
  });

  it("does not wait longer than the longest wait", () => {
    expect(backoffMs(1, restartPolicy)).toBe(1_000);
    expect(backoffMs(50, restartPolicy)).toBe(restartPolicy.maxBackoffMs);
  });
});

describe("a start that fails", () => {
  /** Kind, who wished it, and what becomes of it. */
  const table: [FailureKind, Wish, SlotState["status"]][] = [
    ["exited", operator, "failed"],
    ["exited", configured, "crashed"],
    ["killed", operator, "crashed"],
    ["killed", configured, "crashed"],
    ["port_taken", operator, "failed"],
    ["port_taken", configured, "crashed"],
    ["timeout", operator, "failed"],
    ["unreachable", operator, "failed"],
    ["unreachable", configured, "crashed"],
    ["unsuitable", operator, "failed"],
    ["unsuitable", configured, "failed"],
  ];
  it.each(table)("%s: %o", (kind, wish, status) => {
    expect(new Driven().want(wish).end(kind).state.status).toBe(status);
  });

  it("is tried again when it had worked before", () => {
    expect(ready(operator).end("killed").retry().end("exited").state.status).toBe("crashed");
  });

  it("is tried for ever where a remote does not answer", () => {
    const slot = new Driven().want(configured);
    for (let attempt = 0; attempt < 50; attempt++) slot.end("unreachable").retry();
    expect(slot.state.status).toBe("starting");
  });

  it("leaves a slot that can be loaded again", () => {
    const slot = new Driven().want(operator).end("exited");
    expect(slot.want(configured).state).toMatchObject({ status: "starting", failure: null, crashes: 0 });
  });
});

describe("whatever happens", () => {
  const wish = fc.constantFrom(null, operator, configured);
  const kind = fc.constantFrom<FailureKind>(
    "exited",
    "killed",
    "port_taken",
    "timeout",
    "unreachable",
    "unsuitable",
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant("want" as const), wish }),
    fc.record({ do: fc.constantFrom("ready" as const, "stopped" as const, "retry" as const) }),
    fc.record({ do: fc.constant("end" as const), kind }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.nat(100_000) }),
  );

  it("never runs two engines, and always ends up with what was wanted last", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const slot = new Driven();
        let running: number | null = null;
        let wanted: Wish | null = null;
        const noteStart = () => {
          if (slot.effect?.kind !== "start") return;
          expect(running).toBeNull();
          running = slot.effect.generation;
        };
        for (const one of steps) {
          if (one.do === "wait") slot.now += one.ms;
          else if (one.do === "want") {
            wanted = one.wish;
            slot.want(one.wish);
            noteStart();
          } else if (one.do === "end" || one.do === "stopped") {
            if (running === null || (one.do === "stopped" && slot.state.status !== "draining")) continue;
            running = null;
            if (one.do === "end") slot.end(one.kind);
            else slot.stopped();
            noteStart();
          } else {
            slot[one.do]();
            noteStart();
          }
          expect(slot.state.wish).toEqual(wanted);
        }
        expect(running === null).toBe(["empty", "crashed", "failed"].includes(slot.state.status));
      }),
    );
  });
});

describe("what requests ask for", () => {
  it.each(["exited", "killed", "port_taken", "timeout", "unreachable", "unsuitable"] as const)(
    "is given up at once when its first start fails: %s",
    (kind) => {
      const slot = new Driven().want(demanded).end(kind);
      expect([slot.state.status, slot.effect]).toEqual(["failed", null]);
    },
  );

  it("is started again after a crash, as anything that has worked", () => {
    const slot = ready(demanded).end("killed");
    expect([slot.state.status, slot.effect?.kind]).toEqual(["crashed", "retry"]);
    expect(slot.retry().ready().state.status).toBe("ready");
  });
});
