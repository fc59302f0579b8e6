import { describe, expect, it } from "vitest";
import { chapterAt, filled, partsOf, sliderKey } from "./timeline";

const chapter = (start: number, title: string) => ({ start, end: start + 1, title });

describe("partsOf", () => {
  it("is whole without chapters, with one, and without a length", () => {
    expect(partsOf([], 100)).toEqual([{ start: 0, end: 100, title: "" }]);
    expect(partsOf([chapter(0, "All")], 100)).toEqual([{ start: 0, end: 100, title: "" }]);
    expect(partsOf([chapter(0, "A"), chapter(5, "B")], 0)).toEqual([{ start: 0, end: 0, title: "" }]);
  });

  it("covers the film without gaps, in order, from the first second", () => {
    const parts = partsOf([chapter(50, "B"), chapter(2, "A"), chapter(120, "beyond")], 100);
    expect(parts).toEqual([
      { start: 0, end: 50, title: "A" },
      { start: 50, end: 100, title: "B" },
    ]);
  });

  it("leaves out chapters without a length", () => {
    expect(partsOf([chapter(0, "A"), chapter(5, "B"), chapter(5, "C")], 10).map((part) => part.title)).toEqual([
      "A",
      "C",
    ]);
  });
});

it("fills parts up to a moment", () => {
  const part = { start: 10, end: 20 };
  expect([5, 10, 15, 30].map((time) => filled(part, time))).toEqual([0, 0, 0.5, 1]);
  expect(filled({ start: 0, end: 0 }, 1)).toBe(0);
});

it("knows the chapter of a moment", () => {
  const parts = partsOf([chapter(0, "A"), chapter(50, "B")], 100);
  expect([chapterAt(parts, 49.9), chapterAt(parts, 50), chapterAt(parts, 200)]).toEqual(["A", "B", ""]);
});

it("moves by the keys of a slider, within the film", () => {
  expect(sliderKey("ArrowLeft", 3, 100)).toBe(0);
  expect(sliderKey("PageUp", 70, 100)).toBe(100);
  expect(sliderKey("Home", 70, 100)).toBe(0);
  expect(sliderKey("End", 70, 100)).toBe(100);
  expect(sliderKey("k", 70, 100)).toBeNull();
});
