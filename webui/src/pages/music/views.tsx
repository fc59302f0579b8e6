import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { failureOf } from "@/api/problem";
import { locale, texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { playTracks } from "@/music/control";
import { Button, buttonLook } from "@/parts/button";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { Failure, Notice } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { WindowRows } from "@/parts/window-rows";
import type { MusicSearch } from "./address";
import { AlbumGrid, GridSkeleton, PlayCorner, SquareGrid } from "./album-grid";
import { type Artist, albumsOf, artistsOf } from "./albums";
import { useSongs } from "./data";
import { ROW, SongRow } from "./song-row";

const t = texts("music", english);

/** Songs that are loaded by themselves for what is put together out of all of them. */
const BY_ITSELF = 2000;

type Songs = ReturnType<typeof useSongs>;

/** Loads on: while fewer than `most` are there, and where `end` is called. */
function useMore(songs: Songs, most: number) {
  const { hasNextPage, isFetching, fetchNextPage } = songs;
  const loaded = songs.songs.length;
  const more = useMemo(
    () => (hasNextPage && !isFetching ? () => void fetchNextPage() : undefined),
    [hasNextPage, isFetching, fetchNextPage],
  );
  useEffect(() => {
    if (loaded && loaded < most) more?.();
  }, [loaded, most, more]);
  return more;
}

/** The states that every part has; `children` where there is something. */
function States({
  songs,
  skeleton,
  empty,
  children,
}: {
  songs: Songs;
  skeleton: ReactNode;
  empty: ReactNode;
  children: ReactNode;
}) {
  const failure = failureOf(songs);
  if (failure) return <Failure error={failure} again={() => songs.refetch()} />;
  if (songs.isPending) return skeleton;
  return songs.songs.length ? children : empty;
}

const noSongs = () => <Notice title={t.noSongs}>{t.noSongsWhy}</Notice>;

export function Albums() {
  const songs = useSongs({ kind: "audio" });
  const more = useMore(songs, 400);
  const albums = useMemo(() => albumsOf(songs.songs), [songs.songs]);
  return (
    <States songs={songs} skeleton={<GridSkeleton />} empty={noSongs()}>
      {albums.length || songs.hasNextPage ? (
        <AlbumGrid albums={albums} end={more} />
      ) : (
        <Notice
          title={t.noAlbums}
          actions={
            <Link to="/music" search={{ section: "songs" }} className={buttonLook("strong")}>
              {t.showSongs}
            </Link>
          }
        >
          {t.noAlbumsWhy}
        </Notice>
      )}
    </States>
  );
}

export function Artists() {
  const songs = useSongs({ kind: "audio" });
  const [most, setMost] = useState(BY_ITSELF);
  useMore(songs, most);
  const artists = useMemo(() => artistsOf(songs.songs, locale()), [songs.songs]);
  return (
    <States songs={songs} skeleton={<GridSkeleton />} empty={noSongs()}>
      <SquareGrid label={t.artists} count={artists.length}>
        {(index) => {
          const artist = artists[index];
          return artist && <ArtistCard artist={artist} />;
        }}
      </SquareGrid>
      {songs.hasNextPage && (
        <p className="edge flex flex-wrap items-center gap-4 py-4 text-muted">
          {songs.songs.length < most ? t.loadingMore(songs.songs.length) : t.partly(songs.songs.length)}
          {songs.songs.length >= most && <Button onClick={() => setMost(most + BY_ITSELF)}>{t.loadMore}</Button>}
        </p>
      )}
    </States>
  );
}

function ArtistCard({ artist }: { artist: Artist }) {
  const name = artist.name || t.unknownArtist;
  return (
    <div className="group relative text-center">
      <Frame
        item={artist.cover}
        shape="square"
        className="rounded-full! transition-[filter] group-hover:brightness-110"
      />
      {artist.key ? (
        <Link
          to="/music"
          search={{ artist: artist.name }}
          dir="auto"
          className="mt-2 line-clamp-1 block font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
        >
          {name}
        </Link>
      ) : (
        <p className="mt-2 line-clamp-1 font-medium">{name}</p>
      )}
      <p className="text-sm text-muted">{t.songCount(artist.songs.length)}</p>
      <PlayCorner name={name} songs={artist.songs} />
    </div>
  );
}

export function SongList({ search, kind }: { search: MusicSearch; kind: "audio" | "voice" }) {
  const songs = useSongs({ kind, q: search.q, sort: search.sort });
  const more = useMore(songs, 1);
  const none = kind === "voice" ? <Notice title={t.noVoice}>{t.noVoiceWhy}</Notice> : noSongs();
  const empty = search.q ? <Notice title={t.nothingFound}>{t.nothingFoundWhy}</Notice> : none;
  return (
    <>
      <Tools search={search} songs={songs} />
      <States songs={songs} skeleton={<ListSkeleton />} empty={empty}>
        <div className="edge">
          <WindowRows
            label={kind === "voice" ? t.voice : t.songs}
            count={songs.songs.length}
            height={ROW}
            end={more}
            render={(index) => <SongRow songs={songs.songs} index={index} />}
          />
        </div>
      </States>
    </>
  );
}

function Tools({ search, songs }: { search: MusicSearch; songs: Songs }) {
  const navigate = useNavigate({ from: "/music" });
  const set = (change: Partial<MusicSearch>) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const [words, setWords] = useState(search.q ?? "");
  useEffect(() => {
    if (words === (search.q ?? "")) return;
    const timer = setTimeout(() => void set({ q: words.trim() ? words : undefined }), 250);
    return () => clearTimeout(timer);
  });
  return (
    <div className="edge flex items-center gap-2 pb-3 max-sm:flex-wrap">
      <Button
        look="strong"
        disabled={!songs.songs.length}
        onClick={() => playTracks(songs.songs, 0, false)}
        className="[&_svg]:fill-current"
      >
        <Icon.Play aria-hidden strokeWidth={1} />
        {t.playAll}
      </Button>
      <Button disabled={!songs.songs.length} onClick={() => playTracks(songs.songs, 0, true)}>
        <Icon.Shuffle aria-hidden />
        {t.shuffle}
      </Button>
      <input
        type="search"
        value={words}
        onChange={(event) => setWords(event.target.value)}
        aria-label={t.searchIn}
        placeholder={t.searchIn}
        dir={words ? "auto" : undefined}
        maxLength={200}
        className="ms-auto h-11 min-w-44 flex-1 rounded-full bg-surface px-4 placeholder:text-faint sm:max-w-64"
      />
      <Button
        look="ghost"
        aria-pressed={search.sort === "name"}
        onClick={() => void set({ sort: search.sort ? undefined : "name" })}
      >
        {search.sort ? t.byName : t.byDate}
      </Button>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div className="edge grid gap-1">
      {Array.from({ length: 10 }, (_, at) => (
        <Skeleton key={at} className="h-14" />
      ))}
    </div>
  );
}
