import { useQuery } from "@tanstack/react-query";
import { type Facets, firstQuery, worksQuery } from "@/api/catalog";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { ChannelCard } from "@/parts/mosaic-card";
import { useNear } from "@/parts/use-near";
import { legible } from "@/parts/words";
import { WorkCard } from "@/parts/work-card";
import { byChannel, filmsOf } from "./groups";
import { Cards, Row } from "./row";

const t = texts("home", english);
const s = texts("shell", shellEnglish);

const MOST = 20;
const CHANNELS = 4; // that have a row of what is new in them

/** What is new since the last visit, by channel; at the first visit simply the newest. */
export function New({ items, since, facets }: { items: readonly Item[]; since: number; facets: Facets }) {
  if (!since)
    return (
      <Row title={t.newest} to="/files" known empty={!items.length}>
        <Cards items={items} />
      </Row>
    );
  const name = (chat: number) => legible(facets.chats.find(({ value }) => value === chat)?.title ?? "") || String(chat);
  return byChannel(items, CHANNELS).map(([chat, found]) => (
    <Row key={chat} title={t.newIn(name(chat))} to={{ chat }} known empty={false}>
      <Cards items={found.slice(0, MOST)} />
    </Row>
  ));
}

export function Channels({ facets }: { facets: Facets }) {
  return (
    <Row title={s.channels} to="/channels" known empty={facets.chats.length < 2}>
      {facets.chats.slice(0, MOST).map(({ value, title, count }) => (
        <li key={value}>
          <ChannelCard chat={value} title={title} files={count} />
        </li>
      ))}
    </Row>
  );
}

export function Series() {
  const [place, near] = useNear<HTMLDivElement>();
  const { data, isError } = useQuery({ ...worksQuery({ kind: "video" }), enabled: near });
  const series = data?.filter((work) => work.series).slice(0, MOST);
  return (
    <Row title={s.series} to="/series" place={place} known={!!series} empty={isError || series?.length === 0}>
      {series?.map((work) => (
        <li key={work.key}>
          <WorkCard work={work} />
        </li>
      ))}
    </Row>
  );
}

export function Films() {
  const [place, near] = useNear<HTMLDivElement>();
  const { data, isError } = useQuery({ ...firstQuery({ kind: "video" }, 60), enabled: near });
  const films = data && filmsOf(data, MOST);
  return (
    <Row title={s.films} to="/films" place={place} known={!!films} empty={isError || films?.length === 0}>
      {films && <Cards items={films} to="work" />}
    </Row>
  );
}

/** Songs or photos: small squares. */
function Squares({ kind, title, to }: { kind: "audio" | "photo"; title: string; to: "/music" | "/photos" }) {
  const [place, near] = useNear<HTMLDivElement>();
  const { data, isError } = useQuery({ ...firstQuery({ kind }, MOST), enabled: near });
  return (
    <Row square title={title} to={to} place={place} known={!!data} empty={isError || data?.length === 0}>
      {data && <Cards items={data} square />}
    </Row>
  );
}

export const Music = () => <Squares kind="audio" title={s.music} to="/music" />;
export const Photos = () => <Squares kind="photo" title={s.photos} to="/photos" />;
