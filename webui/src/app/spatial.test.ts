import { describe, expect, test } from "vitest";
import { type Direction, holds, nearest, outermost, type Place } from "./spatial";

const box = (left: number, top: number, width: number, height: number, fixed = false): Place => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
  fixed,
});

// a rail at the left, a search field above, and a grid of 4 x 3 cards of 200 x 150 with gaps of 16
const rail = [0, 1, 2, 3].map((at) => box(0, 60 + at * 56, 76, 52, true));
const search = box(100, 10, 400, 44);
const cards = Array.from({ length: 12 }, (_, at) =>
  box(100 + (at % 4) * 216, 120 + Math.floor(at / 4) * 166, 200, 150),
);
const all = [...rail, search, ...cards];
const step = (from: Place, direction: Direction) => {
  const at = nearest(
    from,
    all.filter((one) => one !== from),
    direction,
  );
  return all.filter((one) => one !== from)[at];
};

describe("in a grid", () => {
  test("arrows go to the neighbours", () => {
    const [middle] = cards.slice(5, 6) as [Place];
    expect(step(middle, "left")).toBe(cards[4]);
    expect(step(middle, "right")).toBe(cards[6]);
    expect(step(middle, "up")).toBe(cards[1]);
    expect(step(middle, "down")).toBe(cards[9]);
  });

  test("the end of a row is the end: no jump into another row", () => {
    expect(step(cards[7] as Place, "right")).toBeUndefined();
    expect(step(cards[9] as Place, "down")).toBeUndefined();
  });

  test("the first column leads to the rail and back, also where no sign stands beside it", () => {
    expect(rail).toContain(step(cards[0] as Place, "left"));
    expect(step(cards[8] as Place, "left")).toBe(rail[3]);
    expect(step(rail[1] as Place, "right")).toBe(cards[0]);
  });

  test("up from the first row leads to the field above, and down from it to the nearest card", () => {
    expect(step(cards[1] as Place, "up")).toBe(search);
    expect(step(cards[3] as Place, "up")).toBe(search);
    expect(cards.slice(0, 2)).toContain(step(search, "down"));
  });
});

test("in the rail arrows go from sign to sign", () => {
  expect(step(rail[1] as Place, "down")).toBe(rail[2]);
  expect(step(rail[1] as Place, "up")).toBe(rail[0]);
  expect(step(rail[3] as Place, "down")).toBeUndefined();
});

test("a shorter last row is reached from above, even from beyond its end", () => {
  const last = [box(100, 300, 200, 150)];
  expect(nearest(box(532, 120, 200, 150), last, "down")).toBe(0);
});

test("rows of different widths: the one that is straight ahead wins over a nearer one aside", () => {
  const from = box(400, 0, 100, 40);
  expect(nearest(from, [box(0, 60, 100, 40), box(380, 120, 140, 40)], "down")).toBe(1);
});

test("boxes that overlap by a ring's width are still beside each other", () => {
  expect(nearest(box(0, 0, 100, 40), [box(96, 0, 100, 40)], "right")).toBe(0);
});

test("a card counts, and not the buttons on it", () => {
  const card = box(0, 0, 200, 150);
  const button = box(150, 4, 44, 44);
  expect(holds(card, button)).toBe(true);
  expect(holds(card, { ...card })).toBe(false);
  expect(outermost([card, button])).toEqual([card]);
});
