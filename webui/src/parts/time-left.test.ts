import { expect, test } from "vitest";
import { lastSpoken, secondsLeft } from "./time-left";

test("seconds are whole, and never below zero", () => {
  expect(secondsLeft(10_500, 10_000)).toBe(1);
  expect(secondsLeft(12_000, 10_000)).toBe(2);
  expect(secondsLeft(9_000, 10_000)).toBe(0);
});

test("a countdown from 95 s is spoken at its start, then at 60, 30, 10 and 0", () => {
  const spoken = Array.from({ length: 96 }, (_, passed) => lastSpoken(95 - passed, 95));
  expect([...new Set(spoken)]).toEqual([95, 60, 30, 10, 0]);
  expect(lastSpoken(59, 95)).toBe(60);
});
