import { useQuery } from "@tanstack/react-query";
import { opensLists } from "@/api/address";
import { ask, client, type Item, type Version } from "@/api/client";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Card } from "@/parts/card";
import { numberOf } from "@/parts/next-to-play";
import { bytes, extension } from "@/parts/words";
import { languageName } from "@/player/names";
import type { Work } from "./use-work";

const t = texts("watch", english);
const SHOWN = 12;

/** What else there is beside this file: the next one, its versions, more of its channel. */
export function Around({ item, work }: { item: Item; work: Work }) {
  const found = useQuery({
    queryKey: ["catalog", { chat_id: item.chat_id, kind: item.kind, limit: SHOWN + 1 }],
    queryFn: ({ signal }) =>
      ask(
        client().GET("/api/catalog", {
          params: { query: { chat_id: [item.chat_id], kind: item.kind, limit: SHOWN + 1 } },
          signal,
        }),
      ),
    enabled: opensLists(),
  });
  const others = (found.data?.items ?? []).filter((one) => one.message_id !== item.message_id).slice(0, SHOWN);
  const versions = work.versions.filter((one) => one.file_unique_id !== item.file_unique_id);
  if (!others.length && !versions.length && !work.next) return null;
  return (
    <aside aria-label={t.beside} className="grid content-start gap-8 max-sm:px-4">
      {work.next && (
        <Row title={t.upNext}>
          <li>
            <Card item={work.next.file} line={numberOf(work.next.unit)} />
          </li>
        </Row>
      )}
      {versions.length > 0 && (
        <Row title={t.versions}>
          {versions.map((one) => (
            <li key={one.file_unique_id}>
              <Card item={one} line={versionLine(one)} />
            </li>
          ))}
        </Row>
      )}
      {others.length > 0 && (
        <Row title={t.more}>
          {others.map((one) => (
            <li key={one.message_id}>
              <Card item={one} />
            </li>
          ))}
        </Row>
      )}
    </aside>
  );
}

const Row = ({ title, children }: { title: string; children: React.ReactNode }) => (
  <section aria-label={title}>
    <h2 className="pb-3 text-xl">{title}</h2>
    <ul className="grid grid-cols-2 gap-x-4 gap-y-5 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-1">{children}</ul>
  </section>
);

/** What tells a version from the others: its lines, codec, languages and size, and whether it plays here. */
export function versionLine(one: Version): string {
  const { facts } = one;
  const quality = facts?.resolution || (one.height ? `${one.height}p` : extension(one));
  const languages = (facts?.languages ?? []).map(languageName).join(", ");
  const refused = one.plays?.way === "player" ? t.playsNot : "";
  return [quality, facts?.codec, languages, bytes(one.size), refused].filter(Boolean).join(" · ");
}
