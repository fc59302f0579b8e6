import { type KeyboardEvent, useState } from "react";
import type { Item } from "@/api/client";
import { Problem } from "@/api/problem";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import { Failure, Notice } from "../notice";
import { Screen } from "../screen";
import { bytes, day, heading, legible, visible } from "../words";
import { Bar, Sides } from "./bar";
import { useGestures } from "./gestures";
import { isStill, sizeOf } from "./slide";
import { useSlideshow } from "./slideshow";
import { Stage, useSize } from "./stage";
import type { Strip } from "./strip";

const t = texts("photos", english);

type Show = (item: Item) => void;

/** One picture over the whole page, among those of a list. */
export function Lightbox({ strip, show, close }: { strip: Strip; show: Show; close: () => void }) {
  const item = strip.items[strip.at];
  return (
    <Screen label={t.viewer} close={close} className="bg-black text-white">
      {item ? (
        <Shown item={item} strip={strip} show={show} close={close} />
      ) : (
        strip.error !== null && strip.error !== undefined && <Missing strip={strip} close={close} />
      )}
    </Screen>
  );
}

function Missing({ strip, close }: { strip: Strip; close: () => void }) {
  const gone = strip.error instanceof Problem && (strip.error.status === 404 || strip.error.status === 410);
  return (
    <div className="h-full bg-page text-text">
      {gone ? (
        <Notice
          title={t.gone}
          actions={
            <button
              type="button"
              onClick={close}
              className="min-h-11 rounded-full bg-accent px-4 font-medium text-accent-ink"
            >
              {t.close}
            </button>
          }
        >
          {t.goneWhy}
        </Notice>
      ) : (
        <Failure error={strip.error} again={strip.again} />
      )}
    </div>
  );
}

function Shown({ item, strip, show, close }: { item: Item; strip: Strip; show: Show; close: () => void }) {
  const { place, size } = useSize();
  const [said, say] = useState("");
  const before = strip.items[strip.at - 1];
  const after = strip.items[strip.at + 1];
  const go = (to: Item | undefined) => {
    say("");
    if (to) show(to);
  };
  const slides = useSlideshow(strip.at, !after, !isStill(item) && item.kind !== "sticker", () => go(after));
  const step = (forth: boolean) => {
    slides.stop();
    go(forth ? after : before);
  };
  const rtl = document.documentElement.dir === "rtl";
  const gestures = useGestures(
    `${item.chat_id}_${item.message_id}`,
    isStill(item) ? sizeOf(item, size) : null,
    size,
    (way) => (way === "close" ? close() : step((way === "after") !== rtl)),
  );
  const keyed = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLVideoElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const pans = gestures.lie.scale > 1 && event.shiftKey;
    const step80 = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] }[event.key];
    if (pans && step80) gestures.pan({ x: step80[0] ?? 0, y: step80[1] ?? 0 });
    else if (event.key === "ArrowLeft") step(rtl);
    else if (event.key === "ArrowRight") step(!rtl);
    else if (event.key === "+" || event.key === "=") gestures.zoom(1.5);
    else if (event.key === "-") gestures.zoom(1 / 1.5);
    else if (event.key === "0") gestures.flat();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const number = strip.number ? t.place(strip.number.place, strip.number.of) : "";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole dialog; each has a button of its own
    <div className="relative h-full" onKeyDown={keyed}>
      <Stage items={strip.items} at={strip.at} size={size} gestures={gestures} place={place} />
      <Bar item={item} number={number} gestures={gestures} slides={slides} close={close} say={say} />
      <Sides before={before && (() => step(false))} after={after && (() => step(true))} />
      <Caption item={item} hidden={slides.runs || gestures.lie.scale > 1} />
      <p
        role="status"
        className={
          said
            ? "absolute inset-x-0 bottom-24 mx-auto w-fit max-w-md rounded-lg bg-black/80 px-4 py-2 text-center"
            : "sr-only"
        }
      >
        {said || t.said(heading(item), number)}
      </p>
    </div>
  );
}

/** The text below a picture, and when and how large it is. */
function Caption({ item, hidden }: { item: Item; hidden: boolean }) {
  if (hidden) return null;
  const pixels = item.width && item.height ? `${item.width} × ${item.height}` : "";
  const text = visible(item.caption) ? legible(item.caption) : "";
  return (
    <section
      aria-label={t.about}
      className="pointer-events-none absolute inset-x-0 bottom-0 grid gap-1 bg-linear-to-t from-black/80 to-transparent px-4 pt-12 pb-[max(1rem,env(safe-area-inset-bottom))] text-center"
    >
      {text && (
        <p dir="auto" className="mx-auto line-clamp-3 max-w-2xl text-base whitespace-pre-line wrap-anywhere">
          {text}
        </p>
      )}
      <p className="text-sm text-white/85">{[day(item.date), pixels, bytes(item.size)].filter(Boolean).join(" · ")}</p>
    </section>
  );
}
