import { expect, test } from "vitest";
import { matching, score } from "./matching";
import { withSearch } from "./recent";

test("a search that was made again moves to the front, and few are kept", () => {
  expect(withSearch(["dunes", "night tide"], " Night  Tide ")).toEqual(["Night Tide", "dunes"]);
  expect(withSearch(["a"], "  ")).toEqual(["a"]);
  expect(withSearch(["1", "2", "3", "4", "5", "6", "7", "8"], "9")).toEqual(["9", "1", "2", "3", "4", "5", "6", "7"]);
});

test("names match by the beginnings of their words, without capitals and accents", () => {
  expect(score("Use the dark theme", "dark th")).toBe(2);
  expect(score("Küche & Garten", "kuche")).toBe(3);
  expect(score("الإعدادات", "الاعدادات")).toBe(4);
  expect(score("Films", "ilm")).toBe(1);
  expect(score("Films", "il")).toBe(0);
  expect(score("Films", "  ")).toBe(0);
});

test("the best match is first", () => {
  expect(matching(["All films", "Films", "Filming"], "films", (one) => one, 5)).toEqual(["Films", "All films"]);
});
