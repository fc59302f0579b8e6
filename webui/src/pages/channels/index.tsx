import { useQuery } from "@tanstack/react-query";
import { facetsQuery } from "@/api/catalog";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { PageHead } from "@/parts/head";
import { ChannelCard } from "@/parts/mosaic-card";
import { Failure, Notice } from "@/parts/notice";
import { PlainGhosts, PlainGrid } from "@/parts/plain-grid";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

/** The channels, those with the most files first. */
export function Channels() {
  const found = useQuery(facetsQuery({}));
  const { data, refetch } = found;
  const error = failureOf(found);
  return (
    <>
      <PageHead title={s.channels} />
      {error ? (
        <Failure error={error} again={() => refetch()} />
      ) : !data ? (
        <PlainGhosts />
      ) : data.chats.length ? (
        <PlainGrid label={s.channels}>
          {data.chats.map(({ value, title, count }) => (
            <li key={value}>
              <ChannelCard chat={value} title={title} files={count} />
            </li>
          ))}
        </PlainGrid>
      ) : (
        <Notice title={t.noChannels}>{t.howTheyCome}</Notice>
      )}
    </>
  );
}
