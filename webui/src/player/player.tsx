import { type CSSProperties, lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";
import type { FileItem } from "@/api/client";
import { thumbOf } from "@/api/media";
import type { WatchState } from "@/api/watch";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { clock, heading } from "@/parts/words";
import { CaptionsLayer } from "./captions-layer";
import { choices } from "./choices";
import { Control, Controls } from "./controls";
import type { Engine } from "./engine";
import * as Icon from "./icons";
import { type Command, speedAfter } from "./keys";
import { NextCard, type NextUp, Resume, TroubleCard } from "./overlays";
import type { PanelName, VersionChoice } from "./panels";
import css from "./player.module.css";
import type { Begin } from "./progress";
import { isFull, toggleFull, togglePip } from "./screen";
import { useStore } from "./store";
import { Surface } from "./surface";
import { useEngine } from "./use-engine";
import { useKeys } from "./use-keys";
import { useProgress } from "./use-progress";
import { useQuiet } from "./use-quiet";
import { useSession } from "./use-session";
import { useWake } from "./use-wake";

const Panels = lazy(() => import("./panels"));
const Corner = lazy(() => import("./info"));
const t = texts("player", english);

export type PlayerProps = {
  item: FileItem;
  begin: Begin;
  watched: WatchState | null;
  versions?: VersionChoice | null;
  next?: NextUp | null;
  /** What a song shows in place of a picture. */
  cover?: ReactNode;
  downloads?: boolean;
  /** Told the engine while there is one: what the page around it shows is about its state. */
  onEngine?: (engine: Engine | null) => void;
};

/** A film or a song with its controls. The place has its final size before anything is loaded. */
export function Player(props: PlayerProps) {
  const { item, begin, cover } = props;
  const [media, setMedia] = useState<HTMLMediaElement | null>(null);
  const engine = useEngine(item, media, { at: begin.at, play: begin.play });
  const box = useRef<HTMLElement>(null);
  const { onEngine } = props;
  useEffect(() => {
    onEngine?.(engine);
    return () => onEngine?.(null);
  }, [engine, onEngine]);
  const ratio = item.width && item.height && !cover ? `${item.width} / ${item.height}` : undefined;
  const silent = item.kind === "animation" || item.kind === "sticker";
  const shared = { ref: setMedia, className: css.media, preload: "metadata", "aria-label": heading(item) } as const;
  return (
    <Frame box={box} ratio={ratio} engine={engine}>
      {cover}
      {cover ? (
        <audio {...shared} className="hidden" />
      ) : (
        <video
          {...shared}
          playsInline
          loop={silent}
          muted={silent}
          autoPlay={silent}
          poster={thumbOf(item, 640) ?? undefined}
          x-webkit-airplay="allow"
        />
      )}
      {engine && <Chrome {...props} engine={engine} box={box} />}
    </Frame>
  );
}

function Frame({
  box,
  ratio,
  engine,
  children,
}: {
  box: React.RefObject<HTMLElement | null>;
  ratio: string | undefined;
  engine: Engine | null;
  children: ReactNode;
}) {
  useEffect(() => {
    if (!engine?.media) return;
    const { media, store } = engine;
    const tell = () => {
      const { way, seeks } = store.get();
      if (way) media.dataset.way = way;
      media.dataset.seeks = seeks ? "yes" : "no";
    };
    tell();
    return store.subscribe(tell);
  }, [engine]);
  return (
    <section
      ref={box}
      aria-label={t.player}
      className={`${css.player} ${css.video}`}
      style={ratio ? ({ "--ratio": ratio } as CSSProperties) : undefined}
    >
      {children}
    </section>
  );
}

type Inside = PlayerProps & { engine: Engine; box: React.RefObject<HTMLElement | null> };

function Chrome({ item, begin, watched, versions = null, next = null, downloads = true, engine, box, cover }: Inside) {
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
      stir();
      run(command, { engine, next, fill, say, corner: (name) => setCorner(corner === name ? null : name) });
    },
    () => engine.store.get().paused,
  );
  const shown = quiet && !locked;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only watches whether somebody is there
    <div
      className={`absolute inset-0 ${shown ? css.quiet : ""} ${locked ? css.locked : ""}`}
      onPointerMove={(event) => event.pointerType === "mouse" && stir()}
      onFocus={stir}
      onKeyDown={stir}
    >
      {!cover && <CaptionsLayer engine={engine} raised={!quiet && !locked} />}
      {!cover && <Surface engine={engine} quiet={quiet} stir={stir} hide={hide} toggleFull={fill} />}
      <Said
        text={[state.warning, state.said, state.blocked ? t.blocked : ""].filter(Boolean).join(" ")}
        waits={state.waiting && plays}
      />
      {!cover && !asks && !state.trouble && <Centre engine={engine} />}
      {full && <Top item={item} />}
      {!cover && <LockButton locked={locked} lock={setLocked} say={say} hidden={quiet} />}
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

type Hands = {
  engine: Engine;
  next: NextUp | null;
  fill: () => void;
  say: (text: string) => void;
  corner: (name: "stats" | "help") => void;
};

function run(command: Command, { engine, next, fill, say, corner }: Hands): void {
  const { duration, volume, muted, rate } = engine.store.get();
  const moved = (to: number) => {
    engine.seek(to);
    say(t.saidAt(clock(engine.store.get().time)));
  };
  const acts: { [K in Command["do"]]: (value: number) => void } = {
    toggle: () => engine.toggle(),
    move: (by) => moved((engine.media?.currentTime ?? 0) + by),
    percent: (to) => moved((duration * to) / 100),
    start: () => moved(0),
    end: () => moved(duration),
    volume: (by) => {
      engine.setVolume((muted ? 0 : volume) + by);
      say(t.saidVolume(t.percent(Math.round(Math.min(1, Math.max(0, volume + by)) * 100))));
    },
    mute: () => {
      engine.setMuted(!muted);
      say(muted ? t.unmute : t.saidMuted);
    },
    speed: (by) => {
      engine.setRate(speedAfter(rate, by));
      say(t.saidSpeed(`${speedAfter(rate, by)}×`));
    },
    frame: (by) => engine.move(by / (engine.store.get().facts?.tracks.find((one) => one.frame_rate)?.frame_rate ?? 25)),
    captions: () => engine.captions.toggle(),
    full: fill,
    pip: () => void togglePip(engine.media),
    next: () => next?.go(),
    stats: () => corner("stats"),
    help: () => corner("help"),
  };
  acts[command.do]("by" in command ? command.by : "to" in command ? command.to : 0);
}

function Said({ text, waits }: { text: string; waits: boolean }) {
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

function Centre({ engine }: { engine: Engine }) {
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

function Top({ item }: { item: FileItem }) {
  return (
    <div className={css.top}>
      <p dir="auto" className="line-clamp-1 text-lg wrap-anywhere">
        {heading(item)}
      </p>
    </div>
  );
}

/** On phones: nothing happens by a touch until it is unlocked. */
function LockButton({
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
