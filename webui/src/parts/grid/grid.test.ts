import { describe, expect, test } from "vitest";
import { geometryOf, rowsBetween, windowsOf } from "./geometry";
import { cellAfter } from "./keys";
import { boxOf, CAP, listAt, pageAt, shiftAfter } from "./scroller";

describe("geometry", () => {
  test("cells fill the width, and rows have one height", () => {
    const grid = geometryOf({ kind: "grid" }, 1000, 1124);
    expect(grid.columns).toBe(5);
    expect(grid.across * grid.columns).toBeCloseTo(1124 + 16);
    expect(grid.rows).toBe(200);
    expect(grid.total).toBe(200 * grid.down);
  });

  test("a television has larger cells", () => {
    expect(geometryOf({ kind: "grid" }, 10, 1764).columns).toBe(6);
  });

  test("a phone has two columns, and three close together", () => {
    expect(geometryOf({ kind: "grid" }, 10, 358).columns).toBe(2);
    expect(geometryOf({ kind: "compact" }, 10, 358).columns).toBe(3);
    expect(geometryOf({ kind: "squares" }, 10, 358).columns).toBe(3);
  });

  test("rows of a list grow with the size of type", () => {
    expect(geometryOf({ kind: "list" }, 100_000, 800, 16).total).toBe(6_400_000);
    expect(geometryOf({ kind: "list" }, 10, 800, 24).height).toBe(96);
    expect(geometryOf({ kind: "list", row: 3 }, 10, 800, 16).height).toBe(48);
  });

  test("rows in view stay within those that there are", () => {
    const grid = geometryOf({ kind: "grid" }, 100, 1124);
    expect(rowsBetween(grid, -500, grid.down, 2)).toEqual([0, 3]);
    expect(rowsBetween(grid, grid.down * 18.5, grid.down * 30)).toEqual([18, 20]);
    expect(rowsBetween(geometryOf({ kind: "grid" }, 0, 1124), 0, 800)).toEqual([0, 0]);
  });

  test("windows cover the items, and no others", () => {
    expect(windowsOf(59, 121, 60)).toEqual([0, 1, 2]);
    expect(windowsOf(60, 120, 60)).toEqual([1]);
    expect(windowsOf(5, 5, 60)).toEqual([]);
  });
});

describe("lists above the height that browsers lay out", () => {
  const total = 90_000_000;
  const view = 800;

  test("low lists are as high as they are", () => {
    expect(boxOf(5_000_000)).toBe(5_000_000);
    expect(listAt(4_000_000, 5_000_000, view)).toBe(4_000_000);
    expect(shiftAfter(0, 0, 4_000_000, 5_000_000, view)).toBe(0);
  });

  test("both ends of the page are both ends of the list, and all between is in order", () => {
    expect(listAt(0, total, view)).toBe(0);
    expect(listAt(CAP - view, total, view)).toBe(total - view);
    const places = Array.from({ length: 1000 }, (_, at) => listAt((at * (CAP - view)) / 999, total, view));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("near the ends a pixel is a pixel", () => {
    expect(listAt(5000, total, view) - listAt(4900, total, view)).toBe(100);
    expect(listAt(CAP - 5000, total, view) - listAt(CAP - 5100, total, view)).toBe(100);
  });

  test("there and back is the same place, but for the scale of a pixel", () => {
    for (const list of [0, 99_000, 123_456, 45_000_000, total - 150_000, total - view]) {
      expect(Math.abs(listAt(pageAt(list, total, view), total, view) - list)).toBeLessThan(12);
    }
  });

  test("small movements keep the shift, jumps follow the scale, ends are exact", () => {
    const shift = listAt(4_000_000, total, view) - 4_000_000;
    expect(shiftAfter(shift, 4_000_000, 4_000_100, total, view)).toBe(shift);
    expect(shiftAfter(shift, 4_000_000, 6_000_000, total, view)).toBe(listAt(6_000_000, total, view) - 6_000_000);
    expect(shiftAfter(500, 300, 0, total, view)).toBe(0);
    expect(shiftAfter(shift, CAP - view - 50, CAP - view, total, view)).toBe(total - CAP);
  });
});

describe("keys", () => {
  const five = { columns: 5 };
  const to = (key: string, at: number, rtl = false) => cellAfter(key, at, 23, five, 4, rtl);

  test("arrows go by cells and rows, and leave the grid at its edges", () => {
    expect(to("ArrowRight", 3)).toBe(4);
    expect(to("ArrowRight", 4)).toBeNull();
    expect(to("ArrowLeft", 5)).toBeNull();
    expect(to("ArrowDown", 3)).toBe(8);
    expect(to("ArrowUp", 3)).toBeNull();
  });

  test("down from above a gap in the last row goes to the last cell", () => {
    expect(to("ArrowDown", 19)).toBe(22);
    expect(to("ArrowDown", 22)).toBeNull();
    expect(to("ArrowRight", 22)).toBeNull();
  });

  test("left and right are those of the eye where lists run from right to left", () => {
    expect(to("ArrowLeft", 3, true)).toBe(4);
    expect(to("ArrowRight", 3, true)).toBe(2);
  });

  test("pages and ends", () => {
    expect(to("PageDown", 1)).toBe(16);
    expect(to("PageDown", 20)).toBe(22);
    expect(to("PageUp", 7)).toBe(2);
    expect(to("Home", 7)).toBe(0);
    expect(to("End", 7)).toBe(22);
    expect(to("x", 7)).toBeNull();
  });
});
