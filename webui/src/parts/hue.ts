// One strong hue per item, for its ambient colour and for the art of what has no picture.

const encoder = new TextEncoder();

/** FNV-1a of the UTF-8 bytes, 32 bits. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Degrees of OKLCH, from a title: neighbours in a list differ. */
export const hueOf = (title: string) => Math.round((fnv1a(title) * 137.508) % 360);
