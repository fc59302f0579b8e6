import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { clear } from "./control";
import { NextButton, PlayButton, PreviousButton, RepeatButton, SeekBar, ShuffleButton, Volume } from "./controls";
import { dismiss } from "./edit";
import { FullView } from "./full";
import { Cover, Names } from "./now";
import type { Entry } from "./queue";
import { QueuePanel } from "./queue-panel";
import { music } from "./state";
import { useStore } from "./store";
import { useClock, useCurrent } from "./use";

const t = texts("music", english);

const WIDE = matchMedia("(min-width: 1024px)");

function watchWidth(changed: () => void): () => void {
  WIDE.addEventListener("change", changed);
  return () => WIDE.removeEventListener("change", changed);
}

/** The player of music at the bottom of every page, as long as there is a queue. */
export function MusicBar() {
  const entry = useCurrent();
  const [full, showFull] = useState(false);
  const [queue, showQueue] = useState(false);
  const wide = useSyncExternalStore(watchWidth, () => WIDE.matches);
  const height = useHeight(!!entry);
  if (!entry) return null;
  return (
    <section aria-label={t.player} className="fixed inset-x-0 bottom-(--bar) z-20 ps-(--rail)">
      <Notice />
      {queue && wide && <Floating close={() => showQueue(false)} />}
      <div ref={height} className="relative bg-surface shadow-(--shadow)">
        {wide ? (
          <DeskBar entry={entry} queue={queue} toggleQueue={() => showQueue(!queue)} />
        ) : (
          <PhoneBar entry={entry} open={() => showFull(true)} />
        )}
      </div>
      {full && <FullView entry={entry} close={() => showFull(false)} />}
    </section>
  );
}

function PhoneBar({ entry, open }: { entry: Entry; open: () => void }) {
  const { position, duration } = useClock();
  return (
    <div className="flex h-16 items-center gap-1 ps-2 pe-1">
      <span aria-hidden className="absolute inset-x-0 top-0 h-0.5 bg-hover">
        <span
          className="block h-full bg-accent"
          style={{ width: `${duration ? Math.min(100, (100 * position) / duration) : 0}%` }}
        />
      </span>
      <button type="button" onClick={open} className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-sm">
        <span className="sr-only">{t.openPlaying}</span>
        <Cover entry={entry} className="size-12" />
        <Names entry={entry} />
      </button>
      <PlayButton />
      <NextButton />
    </div>
  );
}

function DeskBar({ entry, queue, toggleQueue }: { entry: Entry; queue: boolean; toggleQueue: () => void }) {
  return (
    <div className="edge grid h-20 grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_minmax(0,1fr)] items-center gap-4">
      <div className="flex min-w-0 items-center gap-3">
        <Cover entry={entry} className="size-14" />
        <Names entry={entry} />
      </div>
      <div className="grid justify-items-center">
        <div className="flex items-center gap-2">
          <ShuffleButton />
          <PreviousButton />
          <PlayButton />
          <NextButton />
          <RepeatButton />
        </div>
        <div className="-my-3 w-full max-w-2xl">
          <SeekBar />
        </div>
      </div>
      <div className="flex items-center justify-end gap-1">
        <Volume />
        <IconButton
          label={queue ? t.closeQueue : t.openQueue}
          aria-expanded={queue}
          onClick={toggleQueue}
          className={queue ? "text-accent" : ""}
        >
          <Icon.Queue aria-hidden />
        </IconButton>
        <IconButton label={t.stopMusic} onClick={clear}>
          <Icon.Close aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

/** The queue above the bar of a desk; Escape closes it, and the focus goes back to its button. */
function Floating({ close }: { close: () => void }) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const keyed = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  return (
    <div
      ref={panel}
      role="dialog"
      aria-label={t.queue}
      tabIndex={-1}
      onKeyDown={keyed}
      className="absolute end-4 bottom-full mb-3 flex h-[min(32rem,60vh)] w-104 flex-col rounded-lg bg-raised p-3 shadow-(--shadow)"
    >
      <QueuePanel close={close} />
    </div>
  );
}

function Notice() {
  const notice = useStore(music, (state) => state.notice);
  return (
    <div role="status" className={notice ? "edge flex items-center gap-2 bg-raised py-1" : "sr-only"}>
      <p dir="auto" className="me-auto line-clamp-2 text-sm wrap-anywhere">
        {notice}
      </p>
      {notice && (
        <IconButton label={t.dismiss} onClick={dismiss}>
          <Icon.Close aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** Tells the pages how high the bar is, so that it hides nothing of them. */
function useHeight(shown: boolean) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = document.documentElement.style;
    const seen = bar.current;
    if (!shown || !seen) return;
    const watcher = new ResizeObserver(() => root.setProperty("--queue", `${seen.offsetHeight}px`));
    watcher.observe(seen);
    return () => {
      watcher.disconnect();
      root.removeProperty("--queue");
    };
  }, [shown]);
  return bar;
}
