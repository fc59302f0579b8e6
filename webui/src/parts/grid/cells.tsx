import { type FocusEvent, memo, type ReactNode, useEffect, useReducer, useRef, useState } from "react";
import { useArrows } from "./arrows";
import type { LayoutKind } from "./geometry";
import { Ghosts } from "./ghosts";
import type { Grid, View } from "./use-grid";

type Render<T> = (item: T, index: number) => ReactNode;

/** The cells of a grid that are near the view: a list for screen readers, with arrow keys between its cells. */
export function Cells<T>({
  grid,
  at,
  render,
  label,
  kind,
  known,
}: {
  grid: Grid;
  at: (index: number) => T | undefined;
  /** Has to be the same function from one drawing to the next: cells are drawn anew when it is another. */
  render: Render<T>;
  label: string;
  kind: LayoutKind;
  /** Whether `count` is the size of the list, and not a guess. */
  known: boolean;
}) {
  const { box, view, count, height } = grid;
  const [focused, setFocused] = useState(-1);
  const onKeyDown = useArrows(grid, focused);
  const indexes = drawn(grid, focused);
  const shown = useShown(indexes, view, at);
  const left = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setFocused(-1);
  };
  return (
    <div className="relative">
      <Ghosts grid={grid} kind={kind} />
      <ul
        ref={box}
        aria-label={label}
        aria-busy={!known}
        className="relative"
        style={{ height }}
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocused(indexOf(event.target))}
        onBlur={left}
      >
        {indexes.map((index) => {
          const item = shown.has(index) ? at(index) : undefined;
          const content = item === undefined ? null : <Shown item={item} index={index} render={render} />;
          return (
            <Cell key={index} index={index} size={known ? count : -1} content={content} {...placeOf(grid, index)} />
          );
        })}
      </ul>
    </div>
  );
}

/** The numbers of the cells that are drawn; that with the focus is always among them. */
function drawn({ view, count }: Grid, focused: number): number[] {
  const end = Math.min(view.end, count);
  const near = Array.from({ length: Math.max(0, end - view.first) }, (_, at) => view.first + at);
  if (focused < 0 || focused >= count || (focused >= view.first && focused < end)) return near;
  return focused < view.first ? [focused, ...near] : [...near, focused];
}

function placeOf({ geometry, view }: Grid, index: number) {
  return {
    start: (index % geometry.columns) * geometry.across,
    top: Math.floor(index / geometry.columns) * geometry.down - view.shift,
    width: geometry.width,
    height: geometry.height,
  };
}

const indexOf = (element: Element | EventTarget) =>
  Number((element instanceof Element ? element : null)?.closest("[data-cell]")?.getAttribute("data-cell") ?? -1);

const AT_ONCE = 8; // cards that are made in one go: more of them would be a task that is felt on a slow phone

/**
 * The cells whose items are drawn: what is drawn stays, nothing new while all flies by, and of what is new a few in each
 * frame, those in sight first.
 */
function useShown(indexes: readonly number[], { fast, from, to }: View, at: (index: number) => unknown): Set<number> {
  const shown = useRef(new Set<number>());
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const before = shown.current;
  const known = indexes.filter((index) => at(index) !== undefined);
  const fresh = fast ? [] : known.filter((index) => !before.has(index));
  const inSight = (index: number) => Number(index >= from && index < to);
  const next = fresh.length > AT_ONCE ? fresh.toSorted((a, b) => inSight(b) - inSight(a)).slice(0, AT_ONCE) : fresh;
  const now = new Set([...known.filter((index) => before.has(index)), ...next]);
  const more = fresh.length > next.length;
  useEffect(() => {
    shown.current = now;
    if (!more) return;
    const frame = requestAnimationFrame(redraw);
    return () => cancelAnimationFrame(frame);
  });
  return now;
}

/** One place of the list, empty until its item is known. */
function Cell({
  index,
  size,
  content,
  start,
  top,
  width,
  height,
}: {
  index: number;
  size: number;
  content: ReactNode;
  start: number;
  top: number;
  width: number;
  height: number;
}) {
  return (
    <li
      data-cell={index}
      tabIndex={-1}
      aria-setsize={size}
      aria-posinset={index + 1}
      className="absolute [contain:layout_style_size]"
      style={{ insetInlineStart: start, top, width, height }}
    >
      {content}
    </li>
  );
}

function ShownOf<T>({ item, index, render }: { item: T; index: number; render: Render<T> }) {
  return render(item, index);
}
const Shown = memo(ShownOf) as typeof ShownOf;
