import { useSearch } from "@tanstack/react-router";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { PageHead } from "@/parts/head";
import { AlbumPage } from "./album-page";
import { ArtistPage } from "./artist-page";
import { Sections } from "./sections";
import { Albums, Artists, SongList } from "./views";

const t = texts("shell", english);

/** Music: an album or an artist where the address names one, else one of the parts. */
export function Music() {
  const search = useSearch({ from: "/music" });
  if (search.album) return <AlbumPage key={search.album} album={search.album} />;
  if (search.artist) return <ArtistPage key={search.artist} artist={search.artist} />;
  return (
    <>
      <PageHead title={t.music} />
      <Sections shown={search.section} />
      {search.section === undefined && <Albums />}
      {search.section === "artists" && <Artists />}
      {search.section === "songs" && <SongList key="songs" search={search} kind="audio" />}
      {search.section === "voice" && <SongList key="voice" search={search} kind="voice" />}
    </>
  );
}
