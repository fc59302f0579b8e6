import { type FocusEvent, type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from "react";
import { Skeleton } from "../skeleton";
import type { LayoutKind } from "./geometry";
import { cellAfter } from "./keys";
import type { Grid } from "./use-grid";

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
  const left = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setFocused(-1);
  };
  return (
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
      {drawn(grid, focused).map((index) => (
        <Cell
          key={index}
          index={index}
          size={known ? count : -1}
          item={at(index)}
          render={render}
          kind={kind}
          fast={view.fast}
          {...placeOf(grid, index)}
        />
      ))}
    </ul>
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

/** Moves the focus between cells; a cell that is not drawn, or has nothing yet, gets it when it is there. */
function useArrows(grid: Grid, focused: number): (event: KeyboardEvent) => void {
  const goal = useRef(-1);
  const { box } = grid;
  useEffect(() => {
    if (goal.current < 0) return;
    const cell = box.current?.querySelector<HTMLElement>(`[data-cell="${goal.current}"]`);
    const inside = cell?.querySelector<HTMLElement>("a, button");
    (inside ?? cell)?.focus({ preventScroll: true });
    if (inside) goal.current = -1;
  });
  return (event) => {
    goal.current = -1;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || focused < 0)
      return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("input, textarea, select, [role=menu]")) return;
    const next = cellAfter(event.key, focused, grid.count, grid.geometry, grid.page, document.dir === "rtl");
    if (next === null) return;
    event.preventDefault();
    goal.current = next;
    grid.show(next);
    const there = box.current?.querySelector<HTMLElement>(`[data-cell="${next}"] :is(a, button)`);
    there?.focus({ preventScroll: true });
    if (there) goal.current = -1;
  };
}

type Place = { start: number; top: number; width: number; height: number };

function CellOf<T>({
  index,
  size,
  item,
  render,
  kind,
  fast,
  start,
  top,
  width,
  height,
}: Place & {
  index: number;
  size: number;
  item: T | undefined;
  render: Render<T>;
  kind: LayoutKind;
  fast: boolean;
}) {
  const seen = useRef(false); // what is drawn stays; nothing new is drawn while all flies by
  if (item !== undefined && !fast) seen.current = true;
  const shown = item !== undefined && seen.current;
  return (
    <li
      data-cell={index}
      tabIndex={-1}
      aria-setsize={size}
      aria-posinset={index + 1}
      className="absolute [contain:layout_style_size]"
      style={{ insetInlineStart: start, top, width, height }}
    >
      {shown ? <Shown item={item} index={index} render={render as Render<unknown>} /> : <Ghost kind={kind} />}
    </li>
  );
}
const Cell = memo(CellOf) as typeof CellOf;

const Shown = memo(({ item, index, render }: { item: unknown; index: number; render: Render<unknown> }) =>
  render(item, index),
);

/** What stands in a cell until its item is there: of the same geometry. */
const Ghost = memo(({ kind }: { kind: LayoutKind }) => {
  if (kind === "squares") return <Skeleton className="size-full rounded-none" />;
  if (kind === "list") {
    return (
      <div className="flex h-full items-center gap-4">
        <Skeleton className="h-12 w-20 shrink-0" />
        <Skeleton className="h-4 w-2/5" />
      </div>
    );
  }
  return (
    <>
      <Skeleton className={kind === "square" ? "aspect-square" : "aspect-video"} />
      <Skeleton className="mt-3 h-3.5 w-3/4 rounded-sm" />
      {kind !== "compact" && <Skeleton className="mt-2 h-3 w-2/5 rounded-sm" />}
    </>
  );
});
