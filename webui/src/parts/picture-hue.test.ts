import { expect, test } from "vitest";
import { hueOfPixels } from "./picture-hue";

const filled = (...colours: [number, number, number][]) => colours.flatMap((colour) => [...colour, 255]);

test("finds the hue of a picture in OKLCH", () => {
  expect(hueOfPixels(filled([255, 0, 0]))).toBe(29);
  expect(hueOfPixels(filled([0, 0, 255], [0, 0, 200]))).toBe(264);
});

test("goes by most of the colour, not by grey or by few pixels", () => {
  expect(hueOfPixels(filled([20, 20, 20], [30, 90, 200], [30, 90, 200], [200, 90, 30]))).toBeGreaterThan(240);
  expect(hueOfPixels(filled([20, 20, 20], [200, 200, 202]))).toBeNull();
  expect(hueOfPixels([])).toBeNull();
});
