import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { playTracks } from "@/music/control";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { Skeleton } from "@/parts/skeleton";
import { useColumns, WindowRows } from "@/parts/window-rows";
import { day } from "@/parts/words";
import type { Album } from "./albums";

const t = texts("music", english);
const GAP = 20;
const WORDS = 56;

/** What an album is called: by its text, else by its performer, else by its day. */
export const albumName = (album: Album) => album.title || (album.artist ? t.by(album.artist) : day(album.date));

export function AlbumGrid({ albums, end }: { albums: readonly Album[]; end?: () => void }) {
  return (
    <SquareGrid label={t.albums} count={albums.length} end={end}>
      {(index) => {
        const album = albums[index];
        return album && <AlbumCard album={album} />;
      }}
    </SquareGrid>
  );
}

/** Square cards with two lines of words, in virtual rows. */
export function SquareGrid({
  label,
  count,
  end,
  children,
}: {
  label: string;
  count: number;
  end?: () => void;
  children: (index: number) => ReactNode;
}) {
  const { place, columns, cell, ready } = useColumns(150, GAP);
  return (
    <div className="edge">
      <div ref={place}>
        {ready && (
          <WindowRows
            label={label}
            count={Math.ceil(count / columns)}
            height={Math.round(cell) + WORDS + GAP}
            end={end}
            render={(row) => (
              <div className="flex gap-5">
                {Array.from({ length: Math.min(columns, count - row * columns) }, (_, at) => (
                  <div key={at} style={{ width: cell }} className="min-w-0 shrink-0">
                    {children(row * columns + at)}
                  </div>
                ))}
              </div>
            )}
          />
        )}
      </div>
    </div>
  );
}

function AlbumCard({ album }: { album: Album }) {
  const name = albumName(album);
  return (
    <div className="group relative">
      <div className="relative overflow-hidden rounded-md transition-[filter] group-hover:brightness-110">
        <Frame item={album.cover} shape="square" mark={album.year} />
      </div>
      <Link
        to="/music"
        search={{ album: album.key }}
        dir="auto"
        className="mt-2 line-clamp-1 block font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {name}
      </Link>
      <p dir="auto" className="line-clamp-1 text-sm text-muted as-parent wrap-anywhere">
        {[album.title ? album.artist || t.various : t.songCount(album.songs.length), album.year]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <PlayCorner name={name} songs={album.songs} />
    </div>
  );
}

/** Plays at once, without opening the page. Seen when the card is pointed at or has the focus. */
export function PlayCorner({ name, songs }: { name: string; songs: Album["songs"] }) {
  return (
    <span className="pointer-events-none absolute inset-x-0 top-0 flex aspect-square items-end justify-end p-2">
      <button
        type="button"
        aria-label={t.playOf(name)}
        onClick={() => playTracks(songs)}
        className="pointer-events-auto z-10 grid size-11 place-items-center rounded-full bg-accent text-accent-ink opacity-0 shadow-(--shadow) transition-opacity group-hover:opacity-100 group-focus-within:opacity-100 [&_svg]:size-5 [&_svg]:fill-current"
      >
        <Icon.Play aria-hidden strokeWidth={1} />
      </button>
    </span>
  );
}

export function GridSkeleton() {
  return (
    <div className="edge grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-5">
      {Array.from({ length: 12 }, (_, at) => (
        <div key={at}>
          <Skeleton className="aspect-square" />
          <Skeleton className="mt-3 h-4 w-3/4" />
          <Skeleton className="mt-2 h-3 w-1/2" />
        </div>
      ))}
    </div>
  );
}
