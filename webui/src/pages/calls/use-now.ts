import { useEffect, useState } from "react";

/** The time in milliseconds, each second while `runs`. */
export function useNow(runs: boolean): number {
  const [now, tick] = useState(Date.now);
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
