import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/**
 * Keeps the focus in a list whose rows (`data-row`) move, and whose buttons come and go: on the same element while it is
 * there, else on the first one of its row, else on what is marked by `data-list-head` before the list.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>): void {
  const last = useRef<HTMLElement | null>(null);
  const row = useRef<string | undefined>(undefined);
  useEffect(() => {
    const focused = ({ target }: FocusEvent) => {
      const inside = target instanceof HTMLElement && list.current?.contains(target) && !target.closest("dialog");
      if (inside) {
        last.current = target;
        row.current = target.closest<HTMLElement>("[data-row]")?.dataset.row;
      } else if (!(target instanceof Element && target.closest("dialog"))) last.current = null;
    };
    const pressed = ({ target }: PointerEvent) => {
      if (!(target instanceof Node && list.current?.contains(target))) last.current = null;
    };
    document.addEventListener("focusin", focused);
    document.addEventListener("pointerdown", pressed);
    return () => {
      document.removeEventListener("focusin", focused);
      document.removeEventListener("pointerdown", pressed);
    };
  }, [list]);
  useLayoutEffect(() => {
    if (!last.current || document.activeElement !== document.body) return;
    const own = list.current?.querySelector<HTMLElement>(`[data-row="${row.current}"]`);
    const head = list.current?.querySelector<HTMLElement>("[data-list-head]");
    const next = last.current.isConnected
      ? last.current
      : (own?.querySelector<HTMLElement>("button, a") ?? own ?? head);
    next?.focus({ preventScroll: true });
  });
}
