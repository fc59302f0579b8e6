import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { Failure } from "@/parts/notice";
import { duration, legible } from "@/parts/words";
import { AlbumGrid } from "./album-grid";
import { AlbumSkeleton, Gone } from "./album-page";
import { albumsOf, artistsOf, lengthOf } from "./albums";
import { useArtist } from "./data";
import { Hero } from "./hero";
import { SongRow } from "./song-row";

const t = texts("music", english);

/** Everything by one performer: the albums, then the songs that are in none. */
export function ArtistPage({ artist: name }: { artist: string }) {
  const found = useArtist(name);
  const failure = failureOf(found);
  if (failure) return <Failure error={failure} again={() => found.refetch()} />;
  if (found.isPending || found.isError) return <AlbumSkeleton />;
  const [artist] = artistsOf(found.data);
  if (!artist) return <Gone />;
  const albums = albumsOf(found.data);
  const inAlbums = new Set(albums.flatMap((album) => album.songs));
  const loose = found.data.filter((song) => !inAlbums.has(song));
  const songs = [...albums.flatMap((album) => album.songs), ...loose];
  return (
    <>
      <Hero title={artist.name || legible(name)} cover={albums[0]?.cover ?? artist.cover} songs={songs} round>
        {[albums.length ? t.albumCount(albums.length) : "", t.songCount(songs.length), duration(lengthOf(songs))]
          .filter(Boolean)
          .join(" · ")}
      </Hero>
      {albums.length > 0 && (
        <section className="pt-6">
          <h2 className="edge pb-3 text-xl">{t.albums}</h2>
          <AlbumGrid albums={albums} />
        </section>
      )}
      {loose.length > 0 && (
        <section className="pt-6">
          <h2 className="edge pb-2 text-xl">{albums.length ? t.loose : t.songs}</h2>
          <ol className="edge grid gap-1 pb-6">
            {loose.map((song, index) => (
              <li key={`${song.chat_id}/${song.message_id}`}>
                <SongRow songs={loose} index={index} line="" />
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
