import { useLayoutEffect, useRef, useState } from "react";
import type { Item } from "@/api/client";
import type { Gestures } from "./gestures";
import { useWheel } from "./gestures";
import { photoKey } from "./place";
import { Slide } from "./slide";
import { FLAT, type Size } from "./zoom";

/** The picture between its neighbours, which are loaded and come in from the sides. */
export function Stage({
  items,
  at,
  size,
  gestures,
  place,
}: {
  items: readonly Item[];
  at: number;
  size: Size;
  gestures: Gestures;
  place: React.RefObject<HTMLDivElement | null>;
}) {
  const { lie, drag, zoom, handlers } = gestures;
  useWheel(place, zoom);
  const first = Math.max(0, at - 1);
  const sign = document.documentElement.dir === "rtl" ? -1 : 1;
  const flat = drag && Math.abs(drag.x) > Math.abs(drag.y);
  return (
    <div
      ref={place}
      {...handlers}
      className={`absolute inset-0 touch-none overflow-hidden select-none ${lie.scale > 1 ? "cursor-grab" : ""}`}
    >
      {size.width > 0 &&
        items.slice(first, at + 2).map((item, index) => {
          const offset = (first + index - at) * sign;
          const shown = offset === 0;
          const x = drag ? (flat ? drag.x : 0) : 0;
          const y = drag && !flat && shown ? Math.max(0, drag.y) : 0;
          return (
            <div
              key={photoKey(item)}
              inert={!shown}
              aria-hidden={!shown}
              className={`absolute inset-0 grid place-items-center ${drag ? "" : "transition-transform duration-240"}`}
              style={{ transform: `translate(${offset * size.width + x}px, ${y}px)` }}
            >
              <Slide item={item} stage={size} lie={shown ? lie : FLAT} shown={shown} />
            </div>
          );
        })}
    </div>
  );
}

/** The size of an element, as it changes. */
export function useSize() {
  const place = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const seen = place.current;
    if (!seen) return;
    const measure = () => setSize({ width: seen.clientWidth, height: seen.clientHeight });
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(seen);
    return () => watcher.disconnect();
  }, []);
  return { place, size };
}
