import { type RefObject, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { clock } from "@/parts/words";
import { choices, choose } from "./choices";
import { Control } from "./control";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import type { PanelName } from "./panels";
import css from "./player.module.css";
import { askTelevision, canFull, canPip, togglePip, watchTelevisions } from "./screen";
import { SeekBar } from "./seek-bar";
import { useStore } from "./store";
import { Volume } from "./volume";

const t = texts("player", english);

type Openers = Record<PanelName, RefObject<HTMLButtonElement | null>>;
export type ControlsProps = {
  engine: Engine;
  openers: Openers;
  open: PanelName | null;
  toggle: (panel: PanelName) => void;
  full: boolean;
  toggleFull: () => void;
  next: (() => void) | null;
  dragging: (drags: boolean) => void;
};

/** The bar below the picture. Not mirrored: time runs from left to right in every language. */
export function Controls({ engine, dragging, next, full, toggleFull, ...panels }: ControlsProps) {
  const film = engine.media instanceof HTMLVideoElement;
  return (
    <div className={css.shade} data-controls="" dir="ltr">
      <SeekBar engine={engine} dragging={dragging} />
      <div className={css.row}>
        <PlayButton engine={engine} />
        {next && (
          <Control label={t.next} onClick={next}>
            <Icon.Skip aria-hidden />
          </Control>
        )}
        <Volume engine={engine} />
        <Time engine={engine} />
        <span className="grow" />
        <PanelButtons engine={engine} {...panels} />
        {film && <Television engine={engine} />}
        {film && canPip() && (
          <Control label={t.pip} className={css.wide} onClick={() => togglePip(engine.media)}>
            <Icon.Pip aria-hidden />
          </Control>
        )}
        {film && canFull() && (
          <Control label={full ? t.leaveFullscreen : t.fullscreen} onClick={toggleFull}>
            {full ? <Icon.Small aria-hidden /> : <Icon.Full aria-hidden />}
          </Control>
        )}
      </div>
    </div>
  );
}

function PlayButton({ engine }: { engine: Engine }) {
  const paused = useStore(engine.store, (state) => state.paused);
  const ended = useStore(engine.store, (state) => state.ended);
  return (
    <Control label={ended ? t.playAgain : paused ? t.play : t.pause} onClick={() => engine.toggle()}>
      {ended ? <Icon.Back aria-hidden /> : paused ? <Icon.Play aria-hidden /> : <Icon.Pause aria-hidden />}
    </Control>
  );
}

function Time({ engine }: { engine: Engine }) {
  const time = useStore(engine.store, (state) => Math.floor(state.time));
  const duration = useStore(engine.store, (state) => state.duration);
  const remaining = useStore(choices, (state) => state.remaining);
  if (!duration) return null;
  return (
    <button
      type="button"
      className={css.time}
      title={remaining ? t.showElapsed : t.showRemaining}
      onClick={() => choose({ remaining: !remaining })}
    >
      {remaining ? `-${clock(duration - time)}` : clock(time)} / {clock(duration)}
    </button>
  );
}

function PanelButtons({
  engine,
  openers,
  open,
  toggle,
}: Pick<ControlsProps, "engine" | "openers" | "open" | "toggle">) {
  const sounds = useStore(
    engine.store,
    (state) => state.facts?.tracks.filter((track) => track.type === "audio").length ?? 0,
  );
  const subtitles = useStore(engine.store, (state) => state.subtitles.length);
  const shown = useStore(engine.store, (state) => state.subtitle !== null);
  const button = (name: PanelName, label: string, Sign: typeof Icon.Sound, pressed?: boolean) => (
    <Control
      ref={openers[name]}
      label={label}
      aria-haspopup="dialog"
      aria-expanded={open === name}
      data-on={pressed ? "" : undefined}
      onClick={() => toggle(name)}
    >
      <Sign aria-hidden className={pressed ? "text-accent" : ""} />
    </Control>
  );
  return (
    <>
      {sounds > 1 && button("sound", t.sound, Icon.Sound)}
      {subtitles > 0 && button("subtitles", t.subtitles, Icon.Subtitles, shown)}
      {button("settings", t.settings, Icon.Settings)}
    </>
  );
}

function Television({ engine }: { engine: Engine }) {
  const [there, tell] = useState(false);
  const media = useRef(engine.media);
  useEffect(() => (media.current ? watchTelevisions(media.current, tell) : undefined), []);
  if (!there) return null;
  return (
    <Control label={t.cast} onClick={() => askTelevision(engine.media)}>
      <Icon.Cast aria-hidden />
    </Control>
  );
}
