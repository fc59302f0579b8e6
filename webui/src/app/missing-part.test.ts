import { expect, test } from "vitest";
import { isPartMissing } from "./missing-part";

test.each([
  ["Chromium", "Failed to fetch dynamically imported module: https://tv.example.org/assets/a.js", true],
  ["Firefox", "error loading dynamically imported module: https://tv.example.org/assets/a.js", true],
  ["Safari", "Importing a module script failed.", true],
  ["styles", "Unable to preload CSS for /assets/a.css", true],
  ["another error", "x is not a function", false],
])("%s", (_, message, missing) => {
  expect(isPartMissing(new TypeError(message))).toBe(missing);
});

test("what is no error is no missing part", () => {
  expect(isPartMissing("dynamically imported module")).toBe(false);
});
