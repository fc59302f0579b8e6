import { useEffect, useRef, useState } from "react";
import { lastSpoken, secondsLeft } from "./time-left";

/** Seconds until `until` (milliseconds), counted each second; null where it is not known. */
export function useSecondsLeft(until: number | null): number | null {
  const [now, tick] = useState(() => Date.now());
  useEffect(() => {
    if (until === null) return;
    tick(Date.now());
    const timer = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? null : secondsLeft(until, now);
}

/**
 * A sentence with the time that is left, such as a flood wait: seen each second, spoken at a few of them. `ended` is
 * called once when it is over.
 */
export function Countdown({
  until,
  words,
  ended,
  className = "",
  within = false,
}: {
  until: number;
  words: (secondsLeft: number) => string;
  ended?: () => void;
  className?: string;
  /** Whether it stands in something that is spoken when it changes. */
  within?: boolean;
}) {
  const left = useSecondsLeft(until) ?? 0;
  const from = useRef({ until, left });
  if (from.current.until !== until) from.current = { until, left };
  const over = left === 0;
  const tell = useRef(ended);
  tell.current = ended;
  useEffect(() => {
    if (over) tell.current?.();
  }, [over]);
  return (
    <span className={className}>
      <span aria-hidden="true" className="tabular-nums">
        {words(left)}
      </span>
      <span role={within ? undefined : "status"} className="sr-only">
        {words(lastSpoken(left, from.current.left))}
      </span>
    </span>
  );
}
