// The hue of a small picture, for the ambient colour around it.

import { useEffect, useState } from "react";
import { hueOf } from "./hue";

const SIDE = 16;
const GREY = 0.02; // chroma below which pixels have no colour to speak of

/** The hue, in degrees of OKLCH, in which most of the colour of these RGBA pixels lies; null for grey pictures. */
export function hueOfPixels(pixels: ArrayLike<number>): number | null {
  let [x, y, colour, count] = [0, 0, 0, 0];
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const { a, b } = oklab(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    x += a;
    y += b;
    colour += Math.hypot(a, b);
    count += 1;
  }
  if (!count || colour / count < GREY || Math.hypot(x, y) / count < GREY / 2) return null;
  return Math.round(((Math.atan2(y, x) * 180) / Math.PI + 360) % 360);
}

function oklab(red: number, green: number, blue: number): { a: number; b: number } {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  };
}

/** The hue of something's placeholder once it is read; of its title until then, and without one. */
export function useHue(title: string, placeholder: string | null | undefined): number {
  const [seen, see] = useState<{ of: string; hue: number | null }>();
  useEffect(() => {
    if (!placeholder?.startsWith("data:image/")) return;
    const picture = new Image();
    picture.onload = () => see({ of: placeholder, hue: read(picture) });
    picture.src = placeholder;
    return () => {
      picture.onload = null;
    };
  }, [placeholder]);
  return (seen && seen.of === placeholder ? seen.hue : null) ?? hueOf(title);
}

function read(picture: HTMLImageElement): number | null {
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(picture, 0, 0, SIDE, SIDE);
  return context ? hueOfPixels(context.getImageData(0, 0, SIDE, SIDE).data) : null;
}
