import type { ReactNode } from "react";
import type { Item } from "@/api/client";
import { pageTokenFor } from "@/api/media";
import { Frame, type Shape } from "./frame";
import { ItemLink } from "./item-link";
import { CORNER_BUTTON, type Extra, MoreButton, menuAt } from "./item-menu";
import { bytes, clock, episodeOf, extension, legible, titleOf } from "./words";

/** Where a file is looked at or played. */
export const watchLink = (item: Pick<Item, "chat_id" | "message_id" | "stream_url">) => ({
  to: "/watch/$chat/$message" as const,
  params: { chat: String(item.chat_id), message: String(item.message_id) },
  search: { token: pageTokenFor(item) },
});

/** The page of the film or series that a file belongs to; of other files their own. */
export const workLink = (item: Item) =>
  item.facts?.work && item.kind === "video"
    ? { to: "/work/$key" as const, params: { key: item.facts.work } }
    : watchLink(item);

/** How far a film was watched, 0 to 1; 0 where it was not begun. */
export function progressOf(item: Pick<Item, "watched" | "duration">): number {
  const whole = item.watched?.duration ?? item.duration;
  if (item.watched?.finished) return 1;
  return item.watched && whole ? Math.min(1, item.watched.position / whole) : 0;
}

/** The line below a name: who made it, its year, its quality, else what it is. */
export function lineOf(item: Item): string {
  const { facts } = item;
  const told = [legible(item.performer), facts?.year, facts?.resolution].filter(Boolean);
  return (told.length ? told : [extension(item), bytes(item.size)]).filter(Boolean).join(" · ");
}

/** The bar of how far something was watched, at the lower edge of its frame. */
export function Progress({ part }: { part: number }) {
  if (part <= 0) return null;
  return (
    <span className="absolute inset-x-0 bottom-0 h-1 bg-black/60">
      <span className="block h-full bg-accent" style={{ width: `${part * 100}%` }} />
    </span>
  );
}

/** A film, song or file in a grid: its frame, its name and one line. The whole card is one link. */
export function Card({
  item,
  line,
  corner,
  title,
  shape = "wide",
  to = "watch",
  dense = false,
  eager = false,
  extra,
}: {
  item: Item;
  line?: ReactNode;
  corner?: ReactNode;
  title?: string;
  shape?: Shape;
  /** What the card opens: the file, or the film or series that it belongs to. */
  to?: "watch" | "work";
  /** Without the line below the name. */
  dense?: boolean;
  /** Whether it is in sight as soon as its page is. */
  eager?: boolean;
  /** Entries of its menu that the page adds. */
  extra?: readonly Extra[];
}) {
  const link = to === "work" ? workLink(item) : watchLink(item);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its button opens the same menu
    <div className="group relative min-w-0" onContextMenu={menuAt(item, extra)}>
      <Frame
        item={item}
        shape={shape}
        eager={eager}
        mark={episodeOf(item.facts) || String(item.facts?.year ?? "")}
        className="transition-[filter] group-hover:brightness-110"
      >
        {item.duration ? (
          <span className="absolute end-1.5 bottom-2 rounded-sm bg-black/75 px-1.5 text-xs text-white tabular-nums">
            {clock(item.duration)}
          </span>
        ) : null}
        <Progress part={progressOf(item)} />
      </Frame>
      <ItemLink
        target={link}
        className="mt-2 line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {title ?? titleOf(item)}
      </ItemLink>
      {!dense && (
        <p dir="auto" className="line-clamp-1 text-sm text-muted as-parent wrap-anywhere">
          {line ?? lineOf(item)}
        </p>
      )}
      <div className="absolute end-1 top-1 z-10">
        {corner ?? <MoreButton item={item} extra={extra} className={CORNER_BUTTON} />}
      </div>
    </div>
  );
}
