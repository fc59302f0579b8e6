import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { Control } from "./control";
import { setMuted, setVolume } from "./element";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import { sliderKey } from "./keys";
import css from "./player.module.css";
import { useStore } from "./store";

const t = texts("player", english);

/** The button that mutes, and the slider beside it where there is room. */
export function Volume({ engine }: { engine: Engine }) {
  const volume = useStore(engine.store, (state) => state.volume);
  const muted = useStore(engine.store, (state) => state.muted);
  const shown = muted ? 0 : volume;
  const Sign = shown === 0 ? Icon.Mute : shown < 0.5 ? Icon.Quiet : Icon.Loud;
  const held = useHeld();
  return (
    <>
      <Control label={muted ? t.unmute : t.mute} onClick={() => setMuted(engine.media, !muted)}>
        <Sign aria-hidden />
      </Control>
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={Math.round(shown * 100)}
        aria-label={t.volume}
        aria-valuetext={t.percent(Math.round(shown * 100))}
        className={`${css.volume} ${css.wide} pointer-coarse:hidden`}
        onChange={(event) => setVolume(engine.media, Number(event.target.value) / 100)}
        {...held}
      />
    </>
  );
}

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/**
 * A slider among controls that arrows lead through, as a remote control has no other keys: whoever comes by an arrow
 * goes on by the next one, and changes the value after Enter; whoever comes by Tab or a pointer changes it at once.
 */
function useHeld() {
  const [held, hold] = useState(false);
  const last = useRef("");
  useEffect(() => {
    const pressed = (event: globalThis.KeyboardEvent) => {
      last.current = event.key;
    };
    const pointed = () => {
      last.current = "";
    };
    document.addEventListener("keydown", pressed, true);
    document.addEventListener("pointerdown", pointed, true);
    return () => {
      document.removeEventListener("keydown", pressed, true);
      document.removeEventListener("pointerdown", pointed, true);
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { value, min, max } = event.currentTarget;
    const does = sliderKey(event.key, { held, atStart: value === min, atEnd: value === max });
    if (!does) return;
    event.preventDefault();
    if (does.do === "hold") hold(does.on);
    else goOn(event.currentTarget, does.by);
  };
  return {
    "data-held": held ? "" : undefined,
    onFocus: () => hold(!ARROWS.has(last.current)),
    onPointerDown: () => hold(true),
    onKeyDown,
  };
}

/** Gives the focus to the control before or behind. */
function goOn(from: HTMLElement, by: number): void {
  const all = [...(from.parentElement?.querySelectorAll<HTMLElement>("button, input") ?? [])];
  all[all.indexOf(from) + by]?.focus();
}
