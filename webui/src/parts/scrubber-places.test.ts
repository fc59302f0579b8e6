import { describe, expect, test, vi } from "vitest";
import { besides, bucketAt, itemAfter, marksOf, nameOf } from "./scrubber-places";

vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });

const months = [
  { key: "2026-03", count: 10, offset: 0 },
  { key: "2026-01", count: 30, offset: 10 },
  { key: "2025-12", count: 60, offset: 40 },
  { key: "2024-12", count: 900, offset: 100 },
];

describe("places of a scrubber", () => {
  test("an item belongs to the last bucket that begins before it", () => {
    expect([0, 9, 10, 39, 40, 999].map((index) => bucketAt(months, index))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(bucketAt([], 5)).toBe(0);
  });

  test("months are told in words, letters as they are", () => {
    expect(nameOf("2025-12")).toBe("December 2025");
    expect(nameOf("2025-12", true)).toBe("2025");
    expect(nameOf("堀")).toBe("堀");
  });

  test("each year has one mark, where there is room for it", () => {
    expect(marksOf(months, 1000, 100).map((mark) => mark.label)).toEqual(["2026", "2025", "2024"]);
    expect(marksOf(months, 1000, 10).map((mark) => mark.label)).toEqual(["2026", "2024"]);
  });

  test("the mark that the thumb stands on is left out", () => {
    const shown = (place: number) => besides(place, marksOf(months, 1000, 100), 100).map((mark) => mark.label);
    expect(shown(0)).toEqual(["2025", "2024"]);
    expect(shown(0.1)).toEqual(["2026", "2025"]);
    expect(shown(0.5)).toEqual(["2026", "2025", "2024"]);
  });

  test("keys go by buckets, and to both ends", () => {
    expect(itemAfter("ArrowDown", 5, months, 1000)).toBe(10);
    expect(itemAfter("ArrowUp", 5, months, 1000)).toBe(0);
    expect(itemAfter("ArrowDown", 500, months, 1000)).toBe(100);
    expect(itemAfter("PageDown", 0, months, 1000)).toBe(10);
    expect(itemAfter("End", 0, months, 1000)).toBe(999);
    expect(itemAfter("a", 0, months, 1000)).toBeNull();
  });
});
