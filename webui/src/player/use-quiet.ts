import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const QUIET = 3000; // milliseconds without movement

/** Whether the controls are away: while it plays, 3 s after the last movement, and never while they have the focus. */
export function useQuiet(box: RefObject<HTMLElement | null>, { plays, held }: { plays: boolean; held: boolean }) {
  const [quiet, set] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const may = plays && !held;
  const hide = useCallback(() => {
    clearTimeout(timer.current);
    const focused = box.current?.querySelector("[data-controls] :focus-visible");
    set(may && !focused);
  }, [box, may]);
  const stir = useCallback(() => {
    set(false);
    clearTimeout(timer.current);
    if (may) timer.current = setTimeout(hide, QUIET);
  }, [hide, may]);
  useEffect(() => {
    stir();
    return () => clearTimeout(timer.current);
  }, [stir]);
  return { quiet, stir, hide };
}
