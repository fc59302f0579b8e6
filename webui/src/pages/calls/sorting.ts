import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { texts } from "@/i18n";
import { music } from "@/i18n/en/music";
import { ROW, shiftOf } from "./shift";

const m = texts("music", music);

type Held = { from: number; to: number };

/**
 * Moving a row of a list by its grip: a pointer drags it; Enter picks it up, arrows move it, Enter leaves it, Escape and
 * leaving the grip put it back. `drop` is called once, with where it was and where it is left: until then rows are only
 * shown elsewhere, as an element that is moved in the document loses the pointer.
 */
export function useSorting({
  of,
  nameAt,
  drop,
  say,
}: {
  of: number;
  nameAt: (index: number) => string;
  drop: (from: number, to: number) => void;
  say: (words: string) => void;
}) {
  const [held, show] = useState<Held | null>(null);
  const now = useRef<Held | null>(null); // events may come faster than the page is drawn
  const began = useRef(0);
  const within = (place: number) => Math.max(0, Math.min(of - 1, place));

  function hold(next: Held | null) {
    now.current = next;
    show(next);
  }
  function leave() {
    if (now.current) drop(now.current.from, now.current.to);
    hold(null);
  }
  function go({ from }: Held, to: number) {
    if (to !== within(to)) return;
    hold({ from, to });
    say(m.movedTo(to + 1, of));
  }
  function keyed(index: number, event: KeyboardEvent) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (now.current) leave();
      else {
        hold({ from: index, to: index });
        say(m.picked(nameAt(index), index + 1, of));
      }
    } else if (now.current && step) go(now.current, now.current.to + step);
    else if (now.current && event.key === "Escape") putBack();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  function putBack() {
    if (now.current) say(m.putBack(nameAt(now.current.from)));
    hold(null);
  }
  return {
    /** The row that is held; null while none is. */
    held: held?.from ?? null,
    /** How far a row is shown from its place, in pixels. */
    shift: (index: number) => (held ? shiftOf(index, held.from, held.to) * ROW : 0),
    grip: (index: number) => ({
      onKeyDown: (event: KeyboardEvent) => keyed(index, event),
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        began.current = event.clientY;
        hold({ from: index, to: index });
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const from = now.current?.from;
        if (from === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
        hold({ from, to: within(from + Math.round((event.clientY - began.current) / ROW)) });
      },
      onPointerUp: leave,
      onPointerCancel: () => hold(null),
      onBlur: () => now.current && putBack(),
    }),
  };
}

export type Sorting = ReturnType<typeof useSorting>;
