import { type KeyboardEvent, useEffect, useRef } from "react";
import { cellAfter } from "./keys";
import type { Grid } from "./use-grid";

/** Moves the focus between cells; a cell that is not drawn, or has nothing yet, gets it when it is there. */
export function useArrows(grid: Grid, focused: number): (event: KeyboardEvent) => void {
  const goal = useRef(-1);
  const { box } = grid;
  const reach = () => {
    const cell = box.current?.querySelector<HTMLElement>(`[data-cell="${goal.current}"]`);
    const inside = cell?.querySelector<HTMLElement>("a, button");
    (inside ?? cell)?.focus({ preventScroll: true });
    if (inside) goal.current = -1;
  };
  useEffect(() => {
    if (goal.current >= 0) reach();
  });
  return (event) => {
    goal.current = -1;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (focused < 0 || target?.closest("input, textarea, select, [role=menu]")) return;
    const next = cellAfter(event.key, focused, grid.count, grid.geometry, grid.page, document.dir === "rtl");
    if (next === null) return;
    event.preventDefault();
    goal.current = next;
    grid.show(next);
    reach();
  };
}
