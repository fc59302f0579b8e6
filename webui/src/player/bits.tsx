// Small things over the picture: words, the big buttons of phones, the title in fullscreen, the lock.

import { useEffect, useState } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { heading } from "@/parts/words";
import { Control } from "./control";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import css from "./player.module.css";
import { useStore } from "./store";

const t = texts("player", english);

export function Said({ text, waits }: { text: string; waits: boolean }) {
  const [slow, set] = useState(false);
  useEffect(() => {
    if (!waits) return set(false);
    const timer = setTimeout(() => set(true), 600);
    return () => clearTimeout(timer);
  }, [waits]);
  const shown = text || (slow ? t.loading : "");
  return (
    <div className={css.said} role="status" data-said="">
      {shown && <p>{shown}</p>}
    </div>
  );
}

export function Centre({ engine }: { engine: Engine }) {
  const paused = useStore(engine.store, (state) => state.paused);
  const seeks = useStore(engine.store, (state) => state.seeks);
  const coarse = "max-md:inline-grid md:hidden";
  return (
    <div className={css.centre} dir="ltr">
      {seeks && (
        <Control label={t.back10} className={coarse} onClick={() => engine.move(-10)}>
          <Icon.Back aria-hidden />
        </Control>
      )}
      <Control
        label={paused ? t.play : t.pause}
        className={`${css.big} ${paused ? "" : coarse}`}
        tabIndex={-1}
        onClick={() => engine.toggle()}
      >
        {paused ? <Icon.Play aria-hidden /> : <Icon.Pause aria-hidden />}
      </Control>
      {seeks && (
        <Control label={t.forward10} className={coarse} onClick={() => engine.move(10)}>
          <Icon.Forward aria-hidden />
        </Control>
      )}
    </div>
  );
}

export function Top({ item }: { item: Item }) {
  return (
    <div className={css.top}>
      <p dir="auto" className="line-clamp-1 text-lg wrap-anywhere">
        {heading(item)}
      </p>
    </div>
  );
}

/** On phones: nothing happens by a touch until it is unlocked. */
export function LockButton({
  locked,
  lock,
  say,
  hidden,
}: {
  locked: boolean;
  lock: (on: boolean) => void;
  say: (text: string) => void;
  hidden: boolean;
}) {
  if (hidden && !locked) return null;
  return (
    <div className={`absolute inset-0 md:pointer-fine:hidden ${locked ? "z-2" : "pointer-events-none"}`}>
      <Control
        label={locked ? t.unlock : t.lock}
        className="pointer-events-auto absolute! end-3 top-3 bg-black/60"
        onClick={() => {
          lock(!locked);
          if (!locked) say(t.locked);
        }}
      >
        {locked ? <Icon.Lock aria-hidden /> : <Icon.Unlock aria-hidden />}
      </Control>
    </div>
  );
}
