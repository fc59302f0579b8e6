import { expect, test } from "vitest";
import { isLong, reports, startOf } from "./long";

const left = (position: number, finished = false) => ({ position, duration: 3600, finished, updated: 1 });

test("songs begin at the beginning, books where they were left", () => {
  expect(isLong({ duration: 240 })).toBe(false);
  expect(isLong({ duration: null })).toBe(false);
  expect(startOf({ duration: 240, watched: left(100) })).toBe(0);
  expect(startOf({ duration: 3600, watched: left(1800) })).toBe(1800);
  expect(startOf({ duration: 3600, watched: null })).toBe(0);
});

test("what is finished, or as good as, begins anew", () => {
  expect(startOf({ duration: 3600, watched: left(1800, true) })).toBe(0);
  expect(startOf({ duration: 3600, watched: left(3595) })).toBe(0);
});

test("reports every 15 seconds and when it stops, never a beginning", () => {
  expect(reports(20, 0, false)).toBe(true);
  expect(reports(20, 10, false)).toBe(false);
  expect(reports(20, 10, true)).toBe(true);
  expect(reports(20, 20, true)).toBe(false);
  expect(reports(0, 900, true)).toBe(false);
});
