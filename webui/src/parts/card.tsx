import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Item } from "@/api/client";
import { pageTokenFor } from "@/api/media";
import { Frame } from "./frame";
import { clock, episodeOf, heading, legible } from "./words";

/** Where a file is looked at or played. */
export const watchLink = (item: Pick<Item, "chat_id" | "message_id" | "stream_url">) => ({
  to: "/watch/$chat/$message" as const,
  params: { chat: String(item.chat_id), message: String(item.message_id) },
  search: { token: pageTokenFor(item) },
});

/** How far a film was watched, 0 to 1; 0 where it was not begun. */
export function progressOf(item: Pick<Item, "watched" | "duration">): number {
  const whole = item.watched?.duration ?? item.duration;
  if (item.watched?.finished) return 1;
  return item.watched && whole ? Math.min(1, item.watched.position / whole) : 0;
}

/** A film, song or file in a grid: its frame, its name and one line. The whole card is one link. */
export function Card({
  item,
  line,
  corner,
  title,
}: {
  item: Item;
  line?: ReactNode;
  corner?: ReactNode;
  title?: string;
}) {
  const name = title ?? heading(item);
  const progress = progressOf(item);
  return (
    <div className="group relative min-w-0">
      <div className="relative overflow-hidden rounded-md transition-[filter] group-hover:brightness-110">
        <Frame item={item} mark={episodeOf(item.facts) || String(item.facts?.year ?? "")} />
        {item.duration ? (
          <span className="absolute end-1.5 bottom-1.5 rounded-sm bg-black/70 px-1.5 text-xs text-white tabular-nums">
            {clock(item.duration)}
          </span>
        ) : null}
        {progress > 0 && (
          <span className="absolute inset-x-0 bottom-0 h-1 bg-black/50">
            <span className="block h-full bg-accent" style={{ width: `${progress * 100}%` }} />
          </span>
        )}
      </div>
      <Link
        {...watchLink(item)}
        dir="auto"
        className="mt-2 line-clamp-1 block font-medium wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {name}
      </Link>
      <p dir="auto" className="line-clamp-1 text-sm text-muted wrap-anywhere">
        {line ?? [legible(item.performer), item.facts?.year].filter(Boolean).join(" · ")}
      </p>
      {corner && <div className="absolute end-1 top-1 z-10">{corner}</div>}
    </div>
  );
}
