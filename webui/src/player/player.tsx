import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { Item } from "@/api/client";
import { thumbOf } from "@/api/media";
import type { WatchState } from "@/api/watch";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { heading } from "@/parts/words";
import { Chrome } from "./chrome";
import type { Engine } from "./engine";
import type { NextUp } from "./overlays";
import type { VersionChoice } from "./panels";
import css from "./player.module.css";
import type { Begin } from "./progress";
import { useEngine } from "./use-engine";

const t = texts("player", english);

export type PlayerProps = {
  item: Item;
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

/**
 * A film or a song with its controls. The place has its final size before anything is loaded, and stays when another
 * film follows in it: so does fullscreen.
 */
export function Player(props: PlayerProps) {
  const { item, cover } = props;
  const box = useRef<HTMLElement>(null);
  const ratio = item.width && item.height && !cover ? `${item.width} / ${item.height}` : undefined;
  return (
    <section
      ref={box}
      aria-label={t.player}
      className={`${css.player} ${css.video} ${cover ? css.song : ""} max-sm:rounded-none`}
      style={ratio ? ({ "--ratio": ratio } as CSSProperties) : undefined}
    >
      <Inside key={item.file_unique_id} {...props} box={box} />
    </section>
  );
}

export type InsideProps = PlayerProps & { box: RefObject<HTMLElement | null> };

function Inside(props: InsideProps) {
  const { item, begin, cover, onEngine } = props;
  const [media, setMedia] = useState<HTMLMediaElement | null>(null);
  const engine = useEngine(item, media, begin);
  useEffect(() => {
    onEngine?.(engine);
    return () => onEngine?.(null);
  }, [engine, onEngine]);
  useData(engine);
  const silent = item.kind === "animation" || item.kind === "sticker";
  const shared = { ref: setMedia, className: css.media, preload: "metadata", "aria-label": heading(item) } as const;
  return (
    <>
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
      {engine && <Chrome {...props} engine={engine} />}
    </>
  );
}

/** The way that is taken, and whether it seeks, on the element: for styles and for those who look from outside. */
function useData(engine: Engine | null): void {
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
}
