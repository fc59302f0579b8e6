import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";
import { clock, legible } from "@/parts/words";
import type { Engine } from "./engine";
import css from "./player.module.css";
import { useStore } from "./store";
import { chapterAt, filled, type Part, partsOf, sliderKey } from "./timeline";

const t = texts("player", english);
const NO_CHAPTERS: never[] = [];

/** The bar to seek with: what is played and buffered, chapters as gaps, and the moment under the pointer. */
export function SeekBar({ engine, dragging }: { engine: Engine; dragging: (drags: boolean) => void }) {
  const { time, duration, seeks } = useStore(engine.store, (state) => state);
  const chapters = useStore(engine.store, (state) => state.facts?.chapters ?? NO_CHAPTERS);
  const parts = useMemo(() => partsOf(chapters, duration), [chapters, duration]);
  const [drag, setDrag] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const shown = drag ?? time;
  if (!seeks) return null;

  const momentOf = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    return box?.width ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration : 0;
  };
  const end = (event: PointerEvent) => {
    if (drag === null) return;
    engine.seek(momentOf(event));
    setDrag(null);
    dragging(false);
  };
  const key = (event: KeyboardEvent) => {
    const to = sliderKey(event.key, time, duration);
    const toggles = event.key === "Enter" || event.key === " "; // as remote controls have it
    if ((to === null && !toggles) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (to === null) engine.toggle();
    else engine.seek(to);
  };
  const chapter = legible(chapterAt(parts, shown));
  return (
    <div
      ref={bar}
      dir="ltr"
      role="slider"
      tabIndex={0}
      aria-label={t.seek}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(shown)}
      aria-valuetext={`${t.positionOf(clock(shown), clock(duration))}${chapter ? t.inChapter(chapter) : ""}`}
      data-drag={drag === null ? undefined : ""}
      className={css.seek}
      onKeyDown={key}
      onPointerDown={(event) => {
        if (event.button) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag(momentOf(event));
        dragging(true);
      }}
      onPointerMove={(event) => (drag === null ? setOver(momentOf(event)) : setDrag(momentOf(event)))}
      onPointerLeave={() => setOver(null)}
      onPointerUp={end}
      onPointerCancel={() => {
        setDrag(null);
        dragging(false);
      }}
    >
      <Parts engine={engine} parts={parts} time={shown} duration={duration} />
      {duration > 0 && <Tip moment={drag ?? over} parts={parts} duration={duration} />}
      <span className={css.thumb} style={{ insetInlineStart: percent(shown, duration) }} />
    </div>
  );
}

const percent = (time: number, duration: number) => `${duration ? Math.min(100, (time / duration) * 100) : 0}%`;

function Parts({
  engine,
  parts,
  time,
  duration,
}: {
  engine: Engine;
  parts: readonly Part[];
  time: number;
  duration: number;
}) {
  const buffered = useStore(engine.store, (state) => state.buffered);
  return parts.map((part, at) => (
    <span
      key={part.start}
      className={css.part}
      style={{
        insetInlineStart: percent(part.start, duration),
        inlineSize: `calc(${percent(part.end - part.start, duration) || "100%"} - ${at < parts.length - 1 ? 3 : 0}px)`,
      }}
    >
      {buffered.map(([from, to]) => (
        <span
          key={from}
          className={css.fill}
          style={{
            insetInlineStart: `${filled(part, from) * 100}%`,
            inlineSize: `${(filled(part, to) - filled(part, from)) * 100}%`,
          }}
        />
      ))}
      <span className={`${css.fill} ${css.played}`} style={{ inlineSize: `${filled(part, time) * 100}%` }} />
    </span>
  ));
}

function Tip({ moment, parts, duration }: { moment: number | null; parts: readonly Part[]; duration: number }) {
  if (moment === null) return null;
  const title = legible(chapterAt(parts, moment));
  return (
    <span className={css.tip} style={{ insetInlineStart: `clamp(3rem, ${percent(moment, duration)}, 100% - 3rem)` }}>
      <bdi>{title}</bdi>
      {title && " · "}
      {clock(moment)}
    </span>
  );
}
