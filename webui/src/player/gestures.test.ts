import { describe, expect, it } from "vitest";
import { LONG, Touches } from "./gestures";

const tap = (touches: Touches, at: number, x: number) => {
  touches.down({ at, x, y: 0 });
  return touches.up(at + 50);
};

describe("touches", () => {
  it("a single one is a tap", () => {
    expect(tap(new Touches(), 0, 0.9)).toEqual({ kind: "tap" });
  });

  it("two at a side move, and each further one moves on", () => {
    const touches = new Touches();
    tap(touches, 0, 0.9);
    expect(tap(touches, 200, 0.9)).toEqual({ kind: "move", by: 10, side: "end", count: 1 });
    expect(tap(touches, 400, 0.9)).toEqual({ kind: "move", by: 10, side: "end", count: 2 });
    expect(tap(touches, 2000, 0.1)).toEqual({ kind: "tap" });
    expect(tap(touches, 2200, 0.1)).toEqual({ kind: "move", by: -10, side: "start", count: 1 });
  });

  it("two in the middle, at two sides or too slow do not move", () => {
    const touches = new Touches();
    for (const [at, x] of [
      [0, 0.5],
      [200, 0.5],
      [400, 0.1],
      [600, 0.9],
      [1000, 0.9],
    ] as const) {
      expect(tap(touches, at, x)).toEqual({ kind: "tap" });
    }
  });

  it("a long one is fast until it ends, and no tap", () => {
    const touches = new Touches();
    touches.down({ at: 0, x: 0.5, y: 0 });
    expect(touches.held()).toEqual({ kind: "fast" });
    expect(touches.up(LONG + 900)).toEqual({ kind: "slow" });
    touches.down({ at: 5000, x: 0.5, y: 0 });
    touches.held();
    expect(touches.cancel()).toEqual({ kind: "slow" });
    expect(touches.cancel()).toBeNull();
  });

  it("a scroll is nothing", () => {
    const touches = new Touches();
    touches.down({ at: 0, x: 0.5, y: 0 });
    touches.moved(60);
    expect(touches.held()).toBeNull();
    expect(touches.up(100)).toBeNull();
  });
});
