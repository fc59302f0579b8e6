import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type Geometry, geometryOf, type Layout, rowsBetween } from "./geometry";
import { boxOf, CAP, pageAt, shiftAfter } from "./scroller";

// The rows are computed here and not by @tanstack/react-virtual: rows of one height need no list of measurements, which
// costs it 13 to 75 ms for 100,000 rows on a desk computer, and the page's scale (scroller.ts) goes beneath it.

/** What is seen of a grid, in items: those drawn (`first` to before `end`), and those in sight (`from` to before `to`). */
export type View = {
  first: number;
  end: number;
  from: number;
  to: number;
  /** How far the list is ahead of the page, in pixels: 0 but for lists above CAP. */
  shift: number;
  /** Whether it moves so fast that nothing can be read: nothing is fetched or drawn anew then. */
  fast: boolean;
};

export type Grid = {
  box: RefObject<HTMLUListElement | null>;
  count: number;
  geometry: Geometry;
  view: View;
  /** Height of the box in the page. */
  height: number;
  /** Rows that are in sight at once. */
  page: number;
  /**
   * Brings an item into sight: to the start of the page, or as far as is needed. `held`: others follow at once, as
   * while a finger is on the bar; nothing is fetched until it rests.
   */
  show: (index: number, where?: "start" | "nearest", held?: boolean) => void;
};

const MARGIN = 76; // what sticks to the top and the bottom of the page
const STILL = 120; // milliseconds without a movement until the page is still
const STILL_HELD = 250; // the same while a finger is on the bar, which rests between its movements
const SPAN = 150; // milliseconds over which speed is measured
const FAST = 0.8; // pages in SPAN

type Scroll = { page: number; shift: number; samples: [time: number, place: number][]; held: boolean };

/** The cells of a list of `count` items that scrolls with the page. */
export function useGrid(count: number, layout: Layout): Grid {
  const box = useRef<HTMLUListElement>(null);
  const { width, rem } = useWidth(box);
  const { kind, least, row } = layout;
  const geometry = useMemo(
    () => geometryOf({ kind, least, row }, count, width, rem),
    [kind, least, row, count, width, rem],
  );
  const scroll = useRef<Scroll>({ page: 0, shift: 0, samples: [], held: false });
  const [view, setView] = useState<View>(() => viewOf(geometry, 0, 0, false));

  const look = useCallback(
    (fast: boolean) => {
      const now = viewOf(geometry, scroll.current.page, scroll.current.shift, fast);
      setView((before) => (same(before, now) ? before : fast ? { ...now, first: before.first, end: before.end } : now));
    },
    [geometry],
  );
  useScroll(box, scroll, geometry, look);
  useKeptPlace(box, scroll, geometry);

  const show = useCallback(
    (index: number, where: "start" | "nearest" = "nearest", held = false) => {
      if (!box.current) return;
      scroll.current.held = held;
      go(box.current, scroll.current, geometry, index, where);
      look(held);
    },
    [geometry, look],
  );
  const page = Math.max(1, Math.floor(innerHeight / Math.max(1, geometry.down)));
  return { box, count, geometry, view, height: boxOf(geometry.total), page, show };
}

function viewOf(geometry: Geometry, page: number, shift: number, fast: boolean): View {
  const [top, height] = [page + shift, innerHeight];
  const items = ([first, end]: [number, number]) => [first * geometry.columns, end * geometry.columns] as const;
  const [first, end] = items(rowsBetween(geometry, top - height / 2, top + height * 1.5));
  const [from, to] = items(rowsBetween(geometry, top + geometry.down / 2, top + height));
  return { first, end, from, to, shift, fast };
}

const same = (a: View, b: View) =>
  a.first === b.first &&
  a.end === b.end &&
  a.from === b.from &&
  a.to === b.to &&
  a.shift === b.shift &&
  a.fast === b.fast;

/** Follows the scrolling of the page, and says how fast it is. */
function useScroll(
  box: RefObject<HTMLUListElement | null>,
  scroll: RefObject<Scroll>,
  geometry: Geometry,
  look: (fast: boolean) => void,
): void {
  useLayoutEffect(() => {
    let timer = 0;
    const moved = () => {
      if (!box.current) return;
      const now = -box.current.getBoundingClientRect().top;
      const { current } = scroll;
      current.shift = shiftAfter(current.shift, current.page, now, geometry.total, innerHeight);
      current.page = now;
      look(isFast(current, performance.now()) || current.held);
      clearTimeout(timer);
      timer = window.setTimeout(still, current.held ? STILL_HELD : STILL);
    };
    const still = () => {
      if (box.current) settle(scroll.current, geometry.total);
      look(false);
    };
    moved();
    window.addEventListener("scroll", moved, { passive: true });
    window.addEventListener("resize", moved);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("scroll", moved);
      window.removeEventListener("resize", moved);
    };
  }, [box, scroll, geometry.total, look]);
}

/** Whether the place moved by more than a page or so in the last moments; one jump alone is not fast. */
function isFast(scroll: Scroll, time: number): boolean {
  scroll.samples = [...scroll.samples.filter(([then]) => time - then < SPAN), [time, scroll.page + scroll.shift]];
  const [first, last] = [scroll.samples[0], scroll.samples.at(-1)];
  if (!first || !last || scroll.samples.length < 3) return false;
  return Math.abs(last[1] - first[1]) > FAST * innerHeight;
}

/** Puts the page where the scale has the list. */
function settle(scroll: Scroll, total: number): void {
  if (total <= CAP) return;
  const list = scroll.page + scroll.shift;
  const page = pageAt(list, total, innerHeight);
  if (Math.abs(page - scroll.page) < 1) return;
  const by = page - scroll.page;
  scroll.page = page;
  scroll.shift = list - page;
  window.scrollBy({ top: by, behavior: "instant" });
}

function go(box: HTMLElement, scroll: Scroll, geometry: Geometry, index: number, where: "start" | "nearest"): void {
  const { down, height, columns, total } = geometry;
  const list = scroll.page + scroll.shift;
  const top = Math.floor(index / columns) * down;
  const above = top - MARGIN;
  const below = top + height - innerHeight + MARGIN;
  if (index < columns) {
    goToTop(box, scroll); // with what is above the list
    return;
  }
  const wanted = where === "start" || list > above ? above : Math.max(list, Math.min(below, above));
  if (wanted === list) return;
  const near = total <= CAP || Math.abs(wanted - list) <= innerHeight;
  const page = near ? scroll.page + wanted - list : pageAt(wanted, total, innerHeight);
  scroll.shift = total <= CAP ? 0 : wanted - page;
  scroll.page = page;
  window.scrollTo({ top: box.getBoundingClientRect().top + scrollY + page, behavior: "instant" });
  scroll.page = -box.getBoundingClientRect().top;
}

function goToTop(box: HTMLElement, scroll: Scroll): void {
  window.scrollTo({ top: 0, behavior: "instant" });
  scroll.page = -box.getBoundingClientRect().top;
  scroll.shift = 0;
}

/** Keeps the first item in sight where it is when rows get another height, as in another view or a turned phone. */
function useKeptPlace(box: RefObject<HTMLUListElement | null>, scroll: RefObject<Scroll>, geometry: Geometry): void {
  const { columns, down } = geometry;
  const before = useRef({ columns, down });
  useEffect(() => {
    const was = before.current;
    before.current = { columns, down };
    const { page, shift } = scroll.current;
    if ((was.columns === columns && was.down === down) || page + shift < was.down || !box.current) return;
    const index = Math.floor((page + shift + MARGIN) / was.down) * was.columns;
    go(box.current, scroll.current, geometry, index, "start");
  }, [box, scroll, geometry, columns, down]);
}

let lastWidth = 0;

/** What tokens.css leaves between the rail and the edges. */
function guessedWidth(): number {
  const rail = innerWidth >= 720 ? 76 : 0;
  const edge = Math.min(40, Math.max(16, innerWidth * 0.03));
  return Math.max(280, document.documentElement.clientWidth - rail - 2 * edge);
}

/** The width of the list, guessed until it is measured: the height of the page has to be right at once. */
function useWidth(box: RefObject<HTMLElement | null>): { width: number; rem: number } {
  const [width, setWidth] = useState(() => lastWidth || guessedWidth());
  const [rem] = useState(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      lastWidth = element.clientWidth;
      setWidth(lastWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return { width, rem };
}
