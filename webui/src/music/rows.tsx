import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { clock } from "@/parts/words";
import { jump, remove } from "./control";
import { learn, move } from "./edit";
import { Cover, Names, nameOf } from "./now";
import type { Entry } from "./queue";
import { music } from "./state";
import { useStore } from "./store";

const t = texts("music", english);
const HEIGHT = 56;

/** The songs of the queue: pressed they play; by their grip they move, with a pointer or the arrow keys. */
export function QueueRows({ say }: { say: (words: string) => void }) {
  const queue = useStore(music, (state) => state.queue);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: queue.entries.length,
    estimateSize: () => HEIGHT,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => queue.entries[index]?.id ?? index,
    overscan: 6,
    initialOffset: Math.max(0, (queue.at - 1) * HEIGHT),
    useFlushSync: false,
  });
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto [scrollbar-width:thin]">
      <ol className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => {
          const entry = queue.entries[index];
          return (
            entry && (
              <li
                key={key}
                aria-setsize={queue.entries.length}
                aria-posinset={index + 1}
                aria-current={index === queue.at || undefined}
                className="absolute inset-x-0 top-0"
                style={{ height: HEIGHT, transform: `translateY(${start}px)` }}
              >
                <Row
                  entry={entry}
                  index={index}
                  of={queue.entries.length}
                  current={index === queue.at}
                  say={say}
                  reveal={(at) => rows.scrollToIndex(at)}
                />
              </li>
            )
          );
        })}
      </ol>
    </div>
  );
}

type Moved = { index: number; of: number; name: string; say: (words: string) => void; reveal: (index: number) => void };

function Row({ entry, index, of, current, say, reveal }: Omit<Moved, "name"> & { entry: Entry; current: boolean }) {
  useEffect(() => {
    learn(entry).catch(() => {}); // shown as loading until it is asked again
  }, [entry]);
  const name = nameOf(entry);
  const grip = useGrip({ index, of, name, say, reveal });
  return (
    <div
      className={`flex h-full items-center gap-1 rounded-md pe-1 hover:bg-hover ${current ? "bg-hover" : ""} ${grip.held ? "outline-2 outline-accent" : ""}`}
    >
      <button
        type="button"
        aria-label={t.move(name)}
        aria-describedby="queue-move"
        aria-pressed={grip.held}
        className="grid h-11 w-8 shrink-0 cursor-grab touch-none place-items-center rounded-sm text-faint hover:text-text [&_svg]:size-4"
        {...grip.handlers}
      >
        <Icon.Grip aria-hidden />
      </button>
      <button
        type="button"
        onClick={() => jump(index)}
        className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-sm"
      >
        <span className="sr-only">{t.play}</span>
        <Cover entry={entry} className="size-10" />
        <span className={`min-w-0 flex-1 ${current ? "text-accent" : ""}`}>
          <Names entry={entry} />
        </span>
        <span className="text-xs text-muted tabular-nums">
          {entry.track?.duration ? clock(entry.track.duration) : ""}
        </span>
      </button>
      <IconButton
        label={t.remove(name)}
        onClick={() => {
          remove(index);
          say(t.removed(name));
        }}
      >
        <Icon.Close aria-hidden />
      </IconButton>
    </div>
  );
}

/** Moving a row: Enter picks it up, arrows move it, Enter leaves it, Escape puts it back; a pointer drags it. */
function useGrip({ index, of, name, say, reveal }: Moved) {
  const [from, setFrom] = useState<number | null>(null);
  const drag = useRef<{ y: number; from: number } | null>(null);
  const go = (to: number) => {
    if (to < 0 || to >= of) return;
    move(index, to);
    reveal(to);
    say(t.movedTo(to + 1, of));
  };
  const keyed = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      say(from === null ? t.picked(name, index + 1, of) : t.dropped(name, index + 1));
      setFrom(from === null ? index : null);
    } else if (from !== null && step) {
      go(index + step);
    } else if (from !== null && event.key === "Escape") {
      move(index, from);
      setFrom(null);
      say(t.putBack(name));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const pressed = (event: PointerEvent<HTMLButtonElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { y: event.clientY, from: index };
  };
  const dragged = (event: PointerEvent) => {
    const held = drag.current;
    if (!held) return;
    const to = Math.max(0, Math.min(of - 1, held.from + Math.round((event.clientY - held.y) / HEIGHT)));
    if (to !== index) move(index, to);
  };
  const released = () => {
    if (drag.current && drag.current.from !== index) say(t.dropped(name, index + 1));
    drag.current = null;
  };
  const handlers = {
    onKeyDown: keyed,
    onPointerDown: pressed,
    onPointerMove: dragged,
    onPointerUp: released,
    onPointerCancel: released,
    onBlur: () => setFrom(null),
  };
  return { held: from !== null, handlers };
}
