import { useEffect, useState } from "react";

const LATEST = 2000; // milliseconds

/** Whether the browser has had a moment without work since the first drawing: for what a page does not begin with. */
export function useIdle(): boolean {
  const [idle, set] = useState(false);
  useEffect(() => {
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(() => set(true), LATEST / 4); // Safari
      return () => clearTimeout(timer);
    }
    const asked = requestIdleCallback(() => set(true), { timeout: LATEST });
    return () => cancelIdleCallback(asked);
  }, []);
  return idle;
}
