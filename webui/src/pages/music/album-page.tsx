import { Link } from "@tanstack/react-router";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { buttonLook } from "@/parts/button";
import { Failure, Notice } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { day, duration } from "@/parts/words";
import { albumAt } from "./address";
import { albumName } from "./album-grid";
import { type Album, lengthOf } from "./albums";
import { useAlbum } from "./data";
import { Hero } from "./hero";
import { SongRow } from "./song-row";

const t = texts("music", english);

export function AlbumPage({ album: key }: { album: string }) {
  const at = albumAt(key);
  const found = useAlbum(at?.chat ?? 0, at?.message ?? 0);
  const failure = failureOf(found);
  if (failure) return <Failure error={failure} again={() => found.refetch()} />;
  if (found.isPending || found.isError) return <AlbumSkeleton />;
  if (!found.data) return <Gone />;
  return <Shown album={found.data} />;
}

function Shown({ album }: { album: Album }) {
  const about = [album.year, t.songCount(album.songs.length), duration(lengthOf(album.songs)), day(album.date)];
  return (
    <>
      <Hero title={albumName(album)} cover={album.cover} songs={album.songs}>
        {album.artist && (
          <Link
            to="/music"
            search={{ artist: album.artist }}
            dir="auto"
            className="-my-2 flex min-h-11 w-fit max-w-full min-w-11 items-center font-medium text-text hover:underline"
          >
            <span className="truncate">{album.artist}</span>
          </Link>
        )}
        <p>{about.filter(Boolean).join(" · ")}</p>
      </Hero>
      <ol aria-label={t.songs} className="edge grid gap-1 py-4">
        {album.songs.map((song, index) => (
          <li key={song.message_id}>
            <SongRow songs={album.songs} index={index} number line={album.artist ? "" : undefined} />
          </li>
        ))}
      </ol>
    </>
  );
}

export function Gone() {
  return (
    <Notice
      title={t.goneAlbum}
      actions={
        <Link to="/music" className={buttonLook("strong")}>
          {t.allAlbums}
        </Link>
      }
    >
      {t.goneAlbumWhy}
    </Notice>
  );
}

export function AlbumSkeleton() {
  return (
    <>
      <div className="edge flex flex-col gap-5 bg-surface py-6 sm:flex-row sm:items-end">
        <Skeleton className="size-40 md:size-56" />
        <div className="grid gap-3">
          <Skeleton className="h-12 w-72" />
          <Skeleton className="h-5 w-48" />
          <Skeleton className="h-11 w-64" />
        </div>
      </div>
      <div className="edge grid gap-1 py-4">
        {Array.from({ length: 8 }, (_, at) => (
          <Skeleton key={at} className="h-14" />
        ))}
      </div>
    </>
  );
}
