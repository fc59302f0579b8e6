import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Colour = { l: number; c: number; h: number };
const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function token(name: string, theme: "light" | "dark"): Colour {
  const declared = css.match(new RegExp(`--color-${name}: light-dark\\(oklch\\(([^)]*)\\), oklch\\(([^)]*)\\)\\)`));
  if (!declared) throw new Error(`no colour ${name} of both themes`);
  const [l, c, h] = (declared[theme === "light" ? 1 : 2] ?? "").split(" ").map(Number);
  return { l: l ?? 0, c: c ?? 0, h: h ?? 0 };
}

/** Relative luminance (WCAG 2) of an OKLCH colour, clipped to sRGB. */
function luminance({ l, c, h }: Colour): number {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const cubes = [
    l + 0.3963377774 * a + 0.2158037573 * b,
    l - 0.1055613458 * a - 0.0638541728 * b,
    l - 0.0894841775 * a - 1.291485548 * b,
  ];
  const [x, y, z] = cubes.map((value) => value ** 3) as [number, number, number];
  const linear = [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ].map((value) => Math.min(1, Math.max(0, value))) as [number, number, number];
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(one: Colour, other: Colour): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe.each(["light", "dark"] as const)("%s theme", (theme) => {
  const grounds = ["page", "surface", "raised"];
  test.each([
    ["text", [...grounds, "hover"], 10],
    ["muted", grounds, 7],
    ["faint", grounds, 4.5],
    ["accent", grounds, 4.5],
    ["danger", grounds, 4.5],
    ["warn", grounds, 4.5],
    ["ok", grounds, 4.5],
    ["accent-ink", ["accent"], 4.5],
  ] as const)("%s on %j has %s:1 at least", (name, on, least) => {
    for (const ground of on)
      expect(contrast(token(name, theme), token(ground, theme)), ground).toBeGreaterThanOrEqual(least);
  });

  test("type on the art of a title is legible at every hue", () => {
    for (let hue = 0; hue < 360; hue += 1) {
      const ink = { l: 0.97, c: 0.01, h: hue };
      expect(contrast(ink, { l: 0.42, c: 0.11, h: hue }), String(hue)).toBeGreaterThanOrEqual(6.9);
    }
  });
});
