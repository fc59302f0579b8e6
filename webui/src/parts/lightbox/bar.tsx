import type { Item } from "@/api/client";
import { may, useMe } from "@/api/me";
import { setFavourite } from "@/api/personal";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import * as Icon from "../icons";
import { openItemDialog } from "../item-menu";
import { heading } from "../words";
import type { Gestures } from "./gestures";
import { isStill } from "./slide";
import type { useSlideshow } from "./slideshow";
import { Downloads, Tool } from "./tools";

const t = texts("photos", english);

/** What can be done with a picture, above it. */
export function Bar({
  item,
  number,
  gestures,
  slides,
  close,
  say,
}: {
  item: Item;
  number: string;
  gestures: Gestures;
  slides: ReturnType<typeof useSlideshow>;
  close: () => void;
  say: (words: string) => void;
}) {
  const { zoom, lie } = gestures;
  return (
    <div className="absolute inset-x-0 top-0 flex items-center gap-1 bg-linear-to-b from-black/70 to-transparent p-2 pt-[max(0.5rem,env(safe-area-inset-top))]">
      <Tool label={t.close} run={close}>
        <Icon.Close aria-hidden />
      </Tool>
      <p aria-hidden className="me-auto ps-1 tabular-nums">
        {number}
      </p>
      {isStill(item) && (
        <>
          <Tool label={t.zoomOut} disabled={lie.scale <= 1} run={() => zoom(1 / 1.5)} className="max-md:hidden">
            <Icon.ZoomOut aria-hidden />
          </Tool>
          <Tool label={t.zoomIn} run={() => zoom(1.5)} className="max-md:hidden">
            <Icon.ZoomIn aria-hidden />
          </Tool>
        </>
      )}
      <Tool label={slides.runs ? t.stopSlideshow : t.slideshow} pressed={slides.runs} run={slides.toggle}>
        {slides.runs ? <Icon.Pause aria-hidden /> : <Icon.Slideshow aria-hidden />}
      </Tool>
      <Own item={item} say={say} />
      <Downloads item={item} say={say} />
    </div>
  );
}

/** What a person keeps of it, and hands on. */
function Own({ item, say }: { item: Item; say: (words: string) => void }) {
  const me = useMe();
  const favour = () =>
    setFavourite(item, !item.favourite).catch((error: unknown) => say(error instanceof Error ? error.message : ""));
  const target = { chat_id: item.chat_id, message_id: item.message_id };
  return (
    <>
      <Tool label={t.favourite} pressed={item.favourite} run={() => void favour()}>
        <Icon.Favourite aria-hidden className={item.favourite ? "fill-current" : ""} />
      </Tool>
      <Tool label={t.collect} run={() => openItemDialog({ what: "collect", items: [item] })}>
        <Icon.Collect aria-hidden />
      </Tool>
      {may(me, "links", "links") && (
        <Tool label={t.share} run={() => openItemDialog({ what: "link", target, name: heading(item) })}>
          <Icon.Share aria-hidden />
        </Tool>
      )}
    </>
  );
}

/** To the picture before and after, at the sides; fingers swipe instead. */
export function Sides({ before, after }: { before: (() => void) | undefined; after: (() => void) | undefined }) {
  const side =
    "absolute inset-y-0 my-auto h-fit rounded-full bg-black/50 rtl:[&_svg]:-scale-x-100 [@media(hover:none)]:sr-only";
  return (
    <>
      {before && (
        <div className={`${side} start-3`}>
          <Tool label={t.before} run={before}>
            <Icon.ChevronLeft aria-hidden />
          </Tool>
        </div>
      )}
      {after && (
        <div className={`${side} end-3`}>
          <Tool label={t.after} run={after}>
            <Icon.ChevronRight aria-hidden />
          </Tool>
        </div>
      )}
    </>
  );
}
