import { expect, test } from "vitest";
import { placeOf } from "./menu-place";

const view = { width: 1000, height: 800 };
const menu = { width: 200, height: 300 };
const button = { left: 500, top: 100, right: 544, bottom: 144 };

test("a menu stands below its button, end at end, in both directions", () => {
  expect(placeOf(button, menu, view, false)).toEqual({ left: 344, top: 148 });
  expect(placeOf(button, menu, view, true)).toEqual({ left: 500, top: 148 });
});

test("a menu opens from where somebody pressed", () => {
  const point = { left: 600, top: 100, right: 600, bottom: 100 };
  expect(placeOf(point, menu, view, false).left).toBe(600);
  expect(placeOf(point, menu, view, true).left).toBe(400);
});

test("a menu stands above where there is no room below, and never leaves the view", () => {
  expect(placeOf({ ...button, top: 600, bottom: 644 }, menu, view, false).top).toBe(296);
  expect(placeOf({ left: 980, top: 10, right: 980, bottom: 10 }, menu, view, false).left).toBe(792);
  expect(placeOf(button, { width: 200, height: 700 }, view, false).top).toBe(92);
});
