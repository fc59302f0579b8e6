// The strongest hue of a picture, from its placeholder of some hundred pixels: no request, and no upscaled pixels.

import { useEffect, useState } from "react";
import { hueOf } from "./hue";

const STEPS = 24; // parts of the circle that are told apart

/** Hue in degrees of OKLCH, and chroma, of an sRGB colour. */
function hueAndChroma(red: number, green: number, blue: number): [hue: number, chroma: number] {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [((Math.atan2(c, a) * 180) / Math.PI + 360) % 360, Math.hypot(a, c)];
}

/** The hue that most of the colour of a picture has, from its bytes (RGBA); null for one without colour. */
export function strongestHue(pixels: ArrayLike<number>): number | null {
  const weights = new Array<number>(STEPS).fill(0);
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const [hue, chroma] = hueAndChroma(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    const step = Math.floor((hue / 360) * STEPS) % STEPS;
    weights[step] = (weights[step] ?? 0) + chroma ** 2;
  }
  const most = Math.max(...weights);
  if (most < 0.0004 * (pixels.length / 4)) return null;
  return Math.round(((weights.indexOf(most) + 0.5) * 360) / STEPS);
}

async function hueOfPicture(source: string): Promise<number | null> {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [16, 9];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(image, 0, 0, 16, 9);
  return context ? strongestHue(context.getImageData(0, 0, 16, 9).data) : null;
}

/** The hue of something's placeholder as soon as it is decoded; that of its title until then, and without one. */
export function useHue(title: string, placeholder: string | null | undefined): number {
  const source = placeholder?.startsWith("data:image/") ? placeholder : "";
  const [found, setFound] = useState<{ source: string; hue: number | null }>();
  useEffect(() => {
    if (!source) return;
    let wanted = true;
    const keep = (hue: number | null) => wanted && setFound({ source, hue });
    hueOfPicture(source).then(keep, () => keep(null)); // one that cannot be decoded has no hue
    return () => {
      wanted = false;
    };
  }, [source]);
  return (found?.source === source ? found.hue : null) ?? hueOf(title);
}
