// Where a menu stands. Pure.

export type Box = { left: number; top: number; right: number; bottom: number };
type Size = { width: number; height: number };
const GAP = 4;
const EDGE = 8;

/**
 * The corner of a menu beside what it belongs to: below if there is room, its end at the other's end; where somebody
 * pressed (a box without width) it opens from there. Always within the view.
 */
export function placeOf(at: Box, menu: Size, view: Size, rtl: boolean): { left: number; top: number } {
  const below = at.bottom + GAP;
  const above = at.top - GAP - menu.height;
  const fits = below + menu.height <= view.height - EDGE;
  const toEnd = at.left === at.right; // grows towards the end of the line
  const left = toEnd !== rtl ? at.left : at.right - menu.width;
  return {
    left: clamp(left, EDGE, view.width - EDGE - menu.width),
    top: clamp(fits || above < EDGE ? below : above, EDGE, view.height - EDGE - menu.height),
  };
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most));
