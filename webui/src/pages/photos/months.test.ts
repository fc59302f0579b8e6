import { expect, test } from "vitest";
import { monthName, monthsAt } from "./months";

test("months have names and places", () => {
  expect(monthName("2026-11")).toBe("Nov 2026");
  expect(monthName("#")).toBe("#");
  const found = monthsAt([
    { key: "2026-11", offset: 0 },
    { key: "2026-01", offset: 12 },
  ]);
  expect([...found]).toEqual([
    [0, "Nov 2026"],
    [12, "Jan 2026"],
  ]);
});
