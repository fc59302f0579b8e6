import { describe, expect, test } from "vitest";
import { FLAT, fitted, kept, MOST, panned, pinched, released, zoomed } from "./zoom";

const stage = { width: 1000, height: 600 };
const shown = { width: 900, height: 600 };

test("fits a picture into the stage, and enlarges no small one", () => {
  expect(fitted({ width: 3000, height: 2000 }, stage)).toEqual(shown);
  expect(fitted({ width: 200, height: 100 }, stage)).toEqual({ width: 200, height: 100 });
  expect(fitted({ width: 0, height: 0 }, stage)).toEqual(stage);
});

describe("zoom", () => {
  test("what is under the pointer stays there", () => {
    const point = { x: 200, y: 100 };
    const lie = zoomed(FLAT, 2, point, shown, stage);
    expect(lie).toEqual({ scale: 2, x: -200, y: -100 });
    expect((point.x - lie.x) / lie.scale).toBe(200);
  });

  test("neither smaller than the stage nor larger than the most", () => {
    expect(zoomed(FLAT, 0.1, { x: 50, y: 0 }, shown, stage)).toEqual(FLAT);
    expect(zoomed(FLAT, 100, { x: 0, y: 0 }, shown, stage).scale).toBe(MOST);
  });

  test("moves to its edges and no further", () => {
    const large = { scale: 2, x: 0, y: 0 };
    expect(panned(large, { x: 9999, y: -9999 }, shown, stage)).toEqual({ scale: 2, x: 400, y: -300 });
    expect(panned(FLAT, { x: 50, y: 50 }, shown, stage)).toEqual(FLAT);
    expect(kept({ scale: 1.05, x: 90, y: 0 }, shown, stage).x).toBe(0);
  });

  test("two fingers enlarge and move", () => {
    const lie = pinched(
      FLAT,
      [
        { x: -50, y: 0 },
        { x: 50, y: 0 },
      ],
      [
        { x: -100, y: 20 },
        { x: 100, y: 20 },
      ],
      shown,
      stage,
    );
    expect(lie).toEqual({ scale: 2, x: 0, y: 20 });
  });
});

describe("a drag", () => {
  const still = { x: 0, y: 0 };
  test("far or fast goes to the next one", () => {
    expect(released({ x: -300, y: 10 }, still, stage)).toBe("after");
    expect(released({ x: 60, y: 0 }, { x: 0.8, y: 0 }, stage)).toBe("before");
    expect(released({ x: -60, y: 0 }, still, stage)).toBe("stay");
    expect(released({ x: -5, y: 0 }, { x: -2, y: 0 }, stage)).toBe("stay");
  });
  test("down closes, up does not", () => {
    expect(released({ x: 10, y: 200 }, still, stage)).toBe("close");
    expect(released({ x: 10, y: -200 }, still, stage)).toBe("stay");
  });
});
