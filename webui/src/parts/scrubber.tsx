import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { type Bucket, besides, bucketAt, itemAfter, marksOf, nameOf } from "./scrubber-places";

const t = texts("browse", english);

/** The months or letters of a list beside it: drag, click or arrow keys go to any of them. */
export function Scrubber({
  buckets,
  total,
  at,
  onGo,
}: {
  buckets: readonly Bucket[];
  total: number;
  /** The first item in sight. */
  at: number;
  /** Goes to an item; `done` is false while a finger is still on the bar. */
  onGo: (index: number, done: boolean) => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<number | null>(null);
  const [held, setHeld] = useState(false);
  const moving = useMoving(at);
  const shown = over ?? at;
  const place = total ? Math.min(1, shown / total) : 0;
  const indexOf = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    const part = box ? (event.clientY - box.top) / box.height : 0;
    return Math.round(Math.min(1, Math.max(0, part)) * Math.max(0, total - 1));
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button) return;
    event.preventDefault(); // no text is marked
    event.currentTarget.setPointerCapture(event.pointerId);
    setHeld(true);
    setOver(indexOf(event));
    onGo(indexOf(event), false);
  };
  const onPointerMove = (event: PointerEvent) => {
    setOver(indexOf(event));
    if (held) onGo(indexOf(event), false);
  };
  const end = () => {
    if (held && over !== null) onGo(over, true);
    setHeld(false);
    setOver(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = itemAfter(event.key, at, buckets, total);
    if (next === null) return;
    event.preventDefault();
    onGo(next, true);
  };
  const label = nameOf(buckets[bucketAt(buckets, shown)]?.key ?? "");
  const visible = held || moving ? "opacity-100" : "opacity-0 max-md:pointer-events-none md:opacity-100";
  return (
    <div
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label={t.scrubber}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, total - 1)}
      aria-valuenow={at}
      aria-valuetext={label}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={end}
      onPointerCancel={end}
      onPointerLeave={() => !held && setOver(null)}
      onKeyDown={onKeyDown}
      className={`group fixed end-0 top-36 bottom-[calc(var(--bar)+var(--queue,0px)+1rem)] z-20 w-11 cursor-pointer touch-none select-none transition-opacity focus-visible:opacity-100 md:w-[max(2.75rem,var(--edge))] ${visible}`}
    >
      <Marks buckets={buckets} total={total} place={place} />
      <Thumb place={place} label={label} bubble={over !== null || moving} />
    </div>
  );
}

/** Without the label that the thumb stands on. */
function Marks({ buckets, total, place }: { buckets: readonly Bucket[]; total: number; place: number }) {
  const room = Math.floor((innerHeight - 220) / 26);
  return (
    <div aria-hidden className="max-md:hidden">
      {besides(place, marksOf(buckets, total, room), room).map(({ label, at }) => (
        <span
          key={label}
          className="absolute end-1 -translate-y-1/2 text-xs text-faint tabular-nums group-hover:text-text"
          style={{ top: `${at * 100}%` }}
        >
          {label}
        </span>
      ))}
    </div>
  );
}

/** Where the list is, with its month or letter. */
function Thumb({ place, label, bubble }: { place: number; label: string; bubble: boolean }) {
  return (
    <div aria-hidden className="pointer-events-none absolute inset-x-0" style={{ top: `${place * 100}%` }}>
      <span className="absolute end-0 h-1 w-7 -translate-y-1/2 rounded-full bg-accent max-md:h-10 max-md:w-1.5 max-md:-translate-x-0" />
      <span
        dir="auto"
        className={`absolute end-9 max-w-60 -translate-y-1/2 truncate rounded-full bg-accent px-3 py-1 font-medium whitespace-nowrap text-accent-ink shadow-(--shadow) transition-opacity group-focus-visible:opacity-100 ${bubble ? "opacity-100" : "opacity-0"}`}
      >
        {label}
      </span>
    </div>
  );
}

const LINGERS = 900;

/** Whether the list was moved in the last moments. */
function useMoving(at: number): boolean {
  const [moving, setMoving] = useState(false);
  const first = useRef(at);
  useEffect(() => {
    if (first.current === at) return;
    first.current = at;
    setMoving(true);
    const timer = setTimeout(() => setMoving(false), LINGERS);
    return () => clearTimeout(timer);
  }, [at]);
  return moving;
}
