// Where rows are shown while one of them is held. Pure.

/** The height of a row in pixels. */
export const ROW = 56;

/** By how many rows the one at `index` is shown away from its place while the one at `from` is held at `to`. */
export function shiftOf(index: number, from: number, to: number): number {
  if (index === from) return to - from;
  if (index > from && index <= to) return -1;
  return index < from && index >= to ? 1 : 0;
}
