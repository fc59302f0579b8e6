import { useEffect, useRef, useState } from "react";

/** Milliseconds that a picture of a slide show stays. */
export const STAYS = 5000;

/** Goes on by itself until the last picture, or until somebody does something. `held` stops the clock. */
export function useSlideshow(at: number, last: boolean, held: boolean, next: () => void) {
  const [runs, set] = useState(false);
  const latest = useRef(next);
  latest.current = next;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock begins anew with each picture
  useEffect(() => {
    if (!runs || held) return;
    const timer = setTimeout(() => (last ? set(false) : latest.current()), STAYS);
    return () => clearTimeout(timer);
  }, [runs, at, last, held]);
  return { runs, toggle: () => set(!runs), stop: () => set(false) };
}
