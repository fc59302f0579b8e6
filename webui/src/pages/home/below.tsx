import { useQuery } from "@tanstack/react-query";
import { type Facets, firstQuery } from "@/api/catalog";
import type { Item, WorkItem } from "@/api/client";
import { collectionsQuery } from "@/api/collections";
import { worksQuery } from "@/api/lists";
import { texts } from "@/i18n";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Begun } from "@/parts/begun";
import { CollectionCard } from "@/parts/collection-card";
import { ChannelCard } from "@/parts/mosaic-card";
import { useNear } from "@/parts/use-near";
import { WorkCard } from "@/parts/work-card";
import { Cards, Row } from "./row";

const s = texts("shell", shellEnglish);

const MOST = 20;

/** The rows below what one comes for: no part of what is loaded first. */
export default function Below({ facets }: { facets: Facets }) {
  const has = (kind: Item["kind"]) => facets.kinds.some(({ value }) => value === kind);
  return (
    <>
      <Channels facets={facets} />
      {has("video") && <Series />}
      {has("video") && <Films />}
      {has("audio") && <Music />}
      {has("photo") && <Photos />}
      <Collections />
    </>
  );
}

function Channels({ facets }: { facets: Facets }) {
  return (
    <Row title={s.channels} to="/channels" known empty={facets.chats.length < 2}>
      <Begun
        items={facets.chats.slice(0, MOST)}
        keyOf={({ value }) => String(value)}
        render={({ value, title, count }) => <ChannelCard chat={value} title={title} files={count} />}
      />
    </Row>
  );
}

function Series() {
  const [place, near] = useNear<HTMLDivElement>();
  const { data: series, isError } = useQuery({ ...worksQuery({ kind: "video", series: true }, MOST), enabled: near });
  return (
    <Row title={s.series} to="/series" place={place} known={!!series} empty={isError || series?.length === 0}>
      {series && <Works works={series} />}
    </Row>
  );
}

function Films() {
  const [place, near] = useNear<HTMLDivElement>();
  const { data, isError } = useQuery({ ...worksQuery({ kind: "video", series: false }, MOST), enabled: near });
  return (
    <Row title={s.films} to="/films" place={place} known={!!data} empty={isError || data?.length === 0}>
      {data && <Works works={data} />}
    </Row>
  );
}

const Works = ({ works }: { works: readonly WorkItem[] }) => (
  <Begun items={works} keyOf={({ key }) => key} render={(work) => <WorkCard work={work} />} />
);

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

const Music = () => <Squares kind="audio" title={s.music} to="/music" />;
const Photos = () => <Squares kind="photo" title={s.photos} to="/photos" />;

function Collections() {
  const { data } = useQuery(collectionsQuery);
  return (
    <Row title={s.collections} to="/collections" known empty={!data?.length}>
      {data && (
        <Begun
          items={data}
          keyOf={({ id }) => String(id)}
          render={(collection) => <CollectionCard collection={collection} />}
        />
      )}
    </Row>
  );
}
