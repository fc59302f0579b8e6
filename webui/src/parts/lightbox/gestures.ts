// Fingers, mouse and wheel over the stage of pictures.

import { type PointerEvent, useEffect, useRef, useState } from "react";
import { FLAT, type Lie, type Point, panned, pinched, released, type Size, TAPPED, zoomed } from "./zoom";

type Way = "before" | "after" | "close";
type Finger = Point & { time: number };

const TWICE = 300; // milliseconds between two taps
const SLACK = 8; // pixels that a tap may move

export type Gestures = ReturnType<typeof useGestures>;

/** `shown`: size of the fitted picture, null where it cannot be zoomed. `go` gets what a swipe asks for. */
export function useGestures(key: string, shown: Size | null, stage: Size, go: (way: Way) => void) {
  const [lie, setLie] = useState<Lie>(FLAT);
  const [drag, setDrag] = useState<Point | null>(null);
  const [owner, setOwner] = useState(key);
  if (owner !== key) {
    setOwner(key);
    setLie(FLAT);
    setDrag(null);
  }
  const fingers = useRef(new Map<number, Finger>());
  const start = useRef<Finger | null>(null);
  const tapped = useRef<Finger | null>(null);
  const size = shown ?? { width: 0, height: 0 };
  const zoom = (factor: number, point: Point = { x: 0, y: 0 }) =>
    shown && setLie((old) => zoomed(old, factor, point, size, stage));

  const down = (event: PointerEvent<HTMLElement>) => {
    if (event.button || (event.target instanceof Element && event.target.closest("button, a, video"))) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const finger = fingerOf(event);
    fingers.current.set(event.pointerId, finger);
    start.current = fingers.current.size === 1 ? finger : null;
    if (fingers.current.size > 1) setDrag(null);
  };
  const moved = (event: PointerEvent<HTMLElement>) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = fingerOf(event);
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other && shown) setLie((old) => pinched(old, [before, other], [now, other], size, stage));
    else if (lie.scale > 1) setLie((old) => panned(old, { x: now.x - before.x, y: now.y - before.y }, size, stage));
    else if (start.current) setDrag({ x: now.x - start.current.x, y: now.y - start.current.y });
  };
  const up = (event: PointerEvent<HTMLElement>) => {
    if (!fingers.current.delete(event.pointerId)) return;
    const now = fingerOf(event);
    const from = start.current;
    start.current = null;
    setDrag(null);
    if (!from || event.type === "pointercancel") return;
    const by = { x: now.x - from.x, y: now.y - from.y };
    if (Math.hypot(by.x, by.y) <= SLACK) return tap(now);
    if (lie.scale > 1) return;
    const time = Math.max(1, now.time - from.time);
    const way = released(by, { x: by.x / time, y: by.y / time }, stage);
    if (way !== "stay") go(way);
  };
  const tap = (now: Finger) => {
    const first = tapped.current;
    const twice = first && now.time - first.time < TWICE && Math.hypot(now.x - first.x, now.y - first.y) < 40;
    tapped.current = twice ? null : now;
    if (twice && shown) setLie((old) => (old.scale > 1 ? FLAT : zoomed(FLAT, TAPPED, now, size, stage)));
  };
  return {
    lie,
    drag,
    zoom,
    flat: () => setLie(FLAT),
    pan: (by: Point) => setLie((old) => panned(old, by, size, stage)),
    handlers: { onPointerDown: down, onPointerMove: moved, onPointerUp: up, onPointerCancel: up },
  };
}

/** Zooms by the wheel; the page beneath stays where it is. */
export function useWheel(
  place: React.RefObject<HTMLElement | null>,
  zoom: (factor: number, point: Point) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const box = element.getBoundingClientRect();
      const point = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
      latest.current(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0025)), point);
    };
    element.addEventListener("wheel", turned, { passive: false });
    return () => element.removeEventListener("wheel", turned);
  }, [place]);
}

function fingerOf(event: PointerEvent<HTMLElement>): Finger {
  const box = event.currentTarget.getBoundingClientRect();
  return {
    x: event.clientX - box.left - box.width / 2,
    y: event.clientY - box.top - box.height / 2,
    time: event.timeStamp,
  };
}
