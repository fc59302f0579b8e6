import { Link } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { noteOpened, photoSearch } from "@/parts/lightbox";
import { clock, day, heading } from "@/parts/words";

/** A picture in the timeline: pressed, it fills the page. */
export function PhotoCell({ item, month }: { item: Item; month: string | undefined }) {
  const moves = item.kind === "animation" || item.kind === "video_note";
  return (
    <Link
      to="."
      search={photoSearch(item)}
      resetScroll={false}
      onClick={() => noteOpened(item)}
      className="group relative block size-full overflow-hidden rounded-sm focus-visible:outline-offset-[-4px]"
    >
      <Frame
        item={item}
        shape="free"
        className="size-full rounded-sm! transition-[filter] group-hover:brightness-110"
      />
      <span className="sr-only">{`${heading(item)}, ${day(item.date)}`}</span>
      {moves && (
        <span
          aria-hidden
          className="absolute end-1.5 bottom-1.5 flex items-center gap-1 rounded-sm bg-black/75 px-1.5 text-xs text-white tabular-nums [&_svg]:size-3"
        >
          <Icon.Play aria-hidden />
          {item.duration ? clock(item.duration) : ""}
        </span>
      )}
      {month && (
        <span
          aria-hidden
          className="absolute start-1.5 top-1.5 rounded-full bg-black/75 px-2.5 py-0.5 text-xs font-medium text-white"
        >
          {month}
        </span>
      )}
    </Link>
  );
}
