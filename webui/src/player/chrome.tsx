import { lazy, type RefObject, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { clock } from "@/parts/words";
import { Centre, LockButton, Said, Top } from "./bits";
import { CaptionsLayer } from "./captions-layer";
import { choices } from "./choices";
import { run } from "./commands";
import { Controls } from "./controls";
import type { Engine } from "./engine";
import { NextCard, Resume, TroubleCard } from "./overlays";
import type { PanelName } from "./panels";
import type { PlayerProps } from "./player";
import css from "./player.module.css";
import { isFull, toggleFull } from "./screen";
import { useStore } from "./store";
import { Surface } from "./surface";
import { useKeys } from "./use-keys";
import { useProgress } from "./use-progress";
import { useQuiet } from "./use-quiet";
import { useSession } from "./use-session";
import { useWake } from "./use-wake";

const Panels = lazy(() => import("./panels"));
const Corner = lazy(() => import("./info"));
const t = texts("player", english);

type ChromeProps = PlayerProps & { engine: Engine; box: RefObject<HTMLElement | null> };

/** Everything over the picture. */
export function Chrome({
  item,
  begin,
  watched,
  versions = null,
  next = null,
  downloads = true,
  engine,
  box,
  cover,
}: ChromeProps) {
  const state = useStore(engine.store, (all) => all);
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [corner, setCorner] = useState<"stats" | "help" | null>(null);
  const [asks, setAsks] = useState(begin.ask);
  const [drags, setDrags] = useState(false);
  const [locked, setLocked] = useState(false);
  const [spoken, say] = useState("");
  const full = useFull();
  const autoplay = useStore(choices, (all) => all.autoplay);
  const openers = useOpeners();
  const plays = !state.paused && !state.trouble;
  const { quiet, stir, hide } = useQuiet(box, { plays: plays && !cover, held: panel !== null || drags });
  const followed = useCallback((time: number) => say(t.otherDevice(clock(time))), []);
  useProgress(engine, item, watched, followed);
  useSession(engine, item, next?.go ?? null);
  useWake(plays && !cover);
  useEffect(() => {
    if (plays) setAsks(false);
  }, [plays]);
  useSpoken(state.paused, say);
  const fill = () => void toggleFull(box.current, engine.media);
  useKeys(
    (command) => {
      run(command, {
        engine,
        next,
        fill,
        say,
        corner: (name) => setCorner(corner === name ? null : name),
      });
    },
    { paused: () => engine.store.get().paused, pressed: stir },
  );
  const shown = quiet && !locked;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only watches whether somebody is there
    <div
      className={`absolute inset-0 ${shown ? css.quiet : ""} ${locked ? css.locked : ""}`}
      onPointerMove={(event) => event.pointerType === "mouse" && stir()}
      onFocus={stir}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !corner) return;
        event.stopPropagation();
        setCorner(null);
      }}
    >
      {!cover && <CaptionsLayer engine={engine} raised={!quiet && !locked} />}
      {!cover && <Surface engine={engine} quiet={quiet} stir={stir} hide={hide} toggleFull={fill} />}
      <Said
        text={[state.warning, state.said, state.blocked ? t.blocked : ""].filter(Boolean).join(" ")}
        waits={state.waiting && plays}
      />
      {!cover && !asks && !state.trouble && <Centre engine={engine} />}
      {full && <Top item={item} />}
      {!cover && !state.trouble && <LockButton locked={locked} lock={setLocked} say={say} hidden={quiet} />}
      {!state.trouble && (
        <Controls
          engine={engine}
          openers={openers}
          open={panel}
          toggle={(name) => setPanel(panel === name ? null : name)}
          full={full}
          toggleFull={fill}
          next={next?.go ?? null}
          dragging={setDrags}
        />
      )}
      <Suspense>
        {panel && (
          <Panels
            key={panel}
            name={panel}
            engine={engine}
            opener={openers[panel]}
            close={() => setPanel(null)}
            versions={versions}
            say={say}
          />
        )}
        {corner && <Corner engine={engine} name={corner} close={() => setCorner(null)} />}
      </Suspense>
      {asks && !state.trouble && (
        <Resume
          at={begin.at}
          resume={() => engine.play()}
          over={() => {
            engine.seek(0);
            engine.play();
          }}
        />
      )}
      {next && !asks && <NextCard key={next.name} engine={engine} next={next} byItself={autoplay} />}
      {state.trouble && (
        <TroubleCard trouble={state.trouble} item={item} retry={() => engine.retry()} downloads={downloads} />
      )}
      <p role="status" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}

function useOpeners() {
  return {
    sound: useRef<HTMLButtonElement>(null),
    subtitles: useRef<HTMLButtonElement>(null),
    settings: useRef<HTMLButtonElement>(null),
  };
}

function useFull(): boolean {
  const [full, set] = useState(isFull);
  useEffect(() => {
    const changed = () => set(isFull());
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  return full;
}

function useSpoken(paused: boolean, say: (text: string) => void): void {
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) say(paused ? t.saidPaused : t.saidPlaying);
    first.current = false;
  }, [paused, say]);
}
