import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { Frame } from "@/parts/frame";
import { Skeleton } from "@/parts/skeleton";
import { Tile } from "@/parts/tile";
import { heading, legible } from "@/parts/words";
import type { Entry } from "./queue";

const t = texts("music", english);

/** The picture of a song in the queue, in its final size. */
export function Cover({ entry, className, large = false }: { entry: Entry; className: string; large?: boolean }) {
  if (!entry.track) return <Skeleton className={className} />;
  if (!large) return <Tile item={entry.track} className={className} />;
  return <Frame item={entry.track} shape="square" width={640} eager className={className} />;
}

/** Its title and performer. */
export function Names({ entry, large = false }: { entry: Entry; large?: boolean }) {
  const { track } = entry;
  return (
    <span className="grid min-w-0 text-start">
      <span dir="auto" className={`truncate font-medium as-parent ${large ? "font-serif text-xl" : "text-md"}`}>
        {track ? heading(track) : t.loadingTrack}
      </span>
      <span dir="auto" className={`truncate text-muted as-parent ${large ? "text-base" : "text-sm"}`}>
        {track && (legible(track.performer) || (track.kind === "voice" ? "" : t.unknownArtist))}
      </span>
    </span>
  );
}

export const nameOf = (entry: Entry) => (entry.track ? heading(entry.track) : t.loadingTrack);
