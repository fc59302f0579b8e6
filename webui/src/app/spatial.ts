// Which element an arrow key leads to, by where elements are. Pure geometry, in CSS pixels of the window.

export type Box = { left: number; top: number; right: number; bottom: number };
export type Direction = "left" | "right" | "up" | "down";
/** `fixed`: stays where it is while the page scrolls, as the rail does. */
export type Place = Box & { fixed: boolean };

const OVERLAP = 8; // rings, shadows and rounding: boxes that touch by so much are beside each other
const FIXED = 10_000; // up and down, what is fixed comes last: the page scrolls before
const ASIDE = { left: 3, right: 3, up: 1.5, down: 1.5 }; // a step aside counts as so many steps ahead

/** The index of the place that a step from `from` leads to; -1 where there is none. */
export function nearest(from: Place, places: readonly Place[], direction: Direction): number {
  const here = turned(from, direction);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  places.forEach((place, index) => {
    const there = turned(place, direction);
    const ahead = there.start - here.end;
    if (ahead < -OVERLAP || there.middle <= here.middle) return;
    const aside = Math.max(0, there.low - here.high, here.low - there.high);
    if (aside > 0 && !reachable(from, place, direction, ahead, aside)) return;
    const away = (direction === "up" || direction === "down") && place.fixed !== from.fixed;
    if (away && from.fixed) return; // the rail ends where it ends
    const askew = Math.abs(there.low + there.high - here.low - here.high) / 2;
    const steps = aside && !(place.fixed && !from.fixed) ? 20 + ASIDE[direction] * aside : 0;
    const cost = Math.max(0, ahead) + steps + askew / 100 + (away ? FIXED : 0);
    if (cost < least) {
      least = cost;
      best = index;
    }
  });
  return best;
}

/**
 * Whether something that is not straight ahead may be stepped to. Sideways a step stays in its row, or leads to
 * something fixed such as the rail; up and down it goes to the nearest, however far aside.
 */
function reachable(from: Place, place: Place, direction: Direction, ahead: number, aside: number): boolean {
  if (direction === "up" || direction === "down") return true;
  return place.fixed !== from.fixed || aside <= Math.max(0, ahead);
}

/** The places that do not lie inside another one: a card counts, not the buttons on it. */
export function outermost<T extends Box>(places: readonly T[]): T[] {
  return places.filter((inner) => !places.some((outer) => outer !== inner && holds(outer, inner)));
}

/** Whether one box lies inside another one that is bigger. */
export function holds(outer: Box, inner: Box): boolean {
  const inside =
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom;
  return inside && area(outer) > area(inner);
}

const area = (box: Box) => (box.right - box.left) * (box.bottom - box.top);

/** A box as seen by somebody who goes in a direction: `start` and `end` ahead, `low` and `high` across. */
function turned(box: Box, direction: Direction) {
  const across = direction === "up" || direction === "down";
  const [low, high] = across ? [box.left, box.right] : [box.top, box.bottom];
  const [near, far] = across ? [box.top, box.bottom] : [box.left, box.right];
  const back = direction === "up" || direction === "left";
  const [start, end] = back ? [-far, -near] : [near, far];
  return { start, end, low, high, middle: (start + end) / 2 };
}
