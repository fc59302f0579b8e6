import { expect, test } from "vitest";
import { strongestHue } from "./picture-hue";

const of = (...colours: [number, number, number][]) => colours.flatMap((colour) => [...colour, 255]);

test("the hue is that of most of the colour, not of most of the pixels", () => {
  const dark: [number, number, number] = [20, 20, 24];
  const orange = strongestHue(of(dark, dark, dark, [240, 130, 30]));
  expect(orange).toBeGreaterThan(40);
  expect(orange).toBeLessThan(80);
  const blue = strongestHue(of([30, 80, 220], [40, 90, 210], [240, 130, 30]));
  expect(blue).toBeGreaterThan(240);
  expect(blue).toBeLessThan(285);
});

test("a grey picture has none", () => {
  expect(strongestHue(of([10, 10, 10], [128, 128, 128], [250, 250, 250]))).toBeNull();
});
