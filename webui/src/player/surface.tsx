import { type PointerEvent, useRef, useState } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { setRate } from "./element";
import type { Engine } from "./engine";
import { type Gesture, LONG, Touches } from "./gestures";
import css from "./player.module.css";

const t = texts("player", english);
const HINT = 700; // milliseconds

type Hint = { side: "start" | "end"; text: string } | null;

/** The picture as a control: a click plays and pauses, two fill the screen; touches as in gestures.ts. */
export function Surface({
  engine,
  quiet,
  stir,
  hide,
  toggleFull,
}: {
  engine: Engine;
  quiet: boolean;
  stir: () => void;
  hide: () => void;
  toggleFull: () => void;
}) {
  const touches = useRef(new Touches());
  const touched = useRef(false); // by a finger: its clicks are followed by touches.current
  const begin = useRef<{ x: number; y: number } | null>(null);
  const timers = useRef<{ long?: ReturnType<typeof setTimeout>; hint?: ReturnType<typeof setTimeout> }>({});
  const [hint, setHint] = useState<Hint>(null);
  const before = useRef(1);

  const act = (gesture: Gesture | null) => {
    if (!gesture) return;
    if (gesture.kind === "tap") return quiet ? stir() : hide();
    if (gesture.kind === "fast") {
      before.current = engine.store.get().rate;
      setRate(engine.media, 2);
      return setHint({ side: "end", text: t.faster });
    }
    if (gesture.kind === "slow") {
      setRate(engine.media, before.current);
      return setHint(null);
    }
    engine.move(gesture.by);
    clearTimeout(timers.current.hint);
    timers.current.hint = setTimeout(() => setHint(null), HINT);
    setHint({ side: gesture.side, text: `${gesture.by < 0 ? "−" : "+"}${10 * gesture.count} s` });
  };
  const down = (event: PointerEvent<HTMLElement>) => {
    touched.current = event.pointerType !== "mouse";
    if (!touched.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    begin.current = { x: event.clientX, y: event.clientY };
    touches.current.down({ at: event.timeStamp, x: (event.clientX - box.left) / box.width, y: event.clientY });
    clearTimeout(timers.current.long);
    timers.current.long = setTimeout(() => !engine.store.get().paused && act(touches.current.held()), LONG);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerType === "mouse") return stir();
    const from = begin.current;
    if (from) touches.current.moved(Math.hypot(event.clientX - from.x, event.clientY - from.y));
  };
  const end = (gesture: Gesture | null) => {
    clearTimeout(timers.current.long);
    act(gesture);
  };
  const mouse = () => {
    if (touched.current) return;
    stir();
    engine.toggle();
  };
  return (
    <>
      <div
        aria-hidden="true"
        data-surface=""
        className={css.surface}
        onClick={mouse}
        onDoubleClick={() => !touched.current && toggleFull()}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={(event) => event.pointerType !== "mouse" && end(touches.current.up(event.timeStamp))}
        onPointerCancel={() => end(touches.current.cancel())}
        onContextMenu={(event) => touched.current && event.preventDefault()}
      />
      {hint && (
        <div
          className={css.hint}
          style={hint.side === "start" ? { insetInlineStart: 0 } : { insetInlineEnd: 0 }}
          dir="ltr"
        >
          {hint.text}
        </div>
      )}
    </>
  );
}
