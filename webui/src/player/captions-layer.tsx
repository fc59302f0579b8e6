import { type CSSProperties, useEffect, useRef } from "react";
import { choices } from "./choices";
import type { Engine } from "./engine";
import css from "./player.module.css";
import { useStore } from "./store";

const LOOKS = 100; // milliseconds between looks at the clock

/** The subtitles of the moment. Text and its italics come out of the browser's own WebVTT parser, never as markup. */
export function CaptionsLayer({ engine, raised }: { engine: Engine; raised: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const on = useStore(engine.store, (state) => state.subtitle !== null);
  const size = useStore(choices, (state) => state.size);
  useEffect(() => {
    if (!on) return;
    let before = "";
    const show = () => {
      const cues = engine.captions.shown(engine.media?.currentTime ?? 0);
      const text = cues.map((cue) => cue.text).join("\u0000");
      if (text === before || !box.current) return;
      before = text;
      box.current.replaceChildren(...cues.map(line));
    };
    show();
    const timer = setInterval(show, LOOKS);
    return () => clearInterval(timer);
  }, [engine, on]);
  if (!on) return null;
  return (
    <div
      ref={box}
      data-captions=""
      className={`${css.captions} ${raised ? css.raised : ""}`}
      style={{ "--cue": size } as CSSProperties}
    />
  );
}

function line(cue: VTTCue): HTMLElement {
  const shown = document.createElement("p");
  shown.dir = "auto";
  shown.append(cue.getCueAsHTML());
  return shown;
}
