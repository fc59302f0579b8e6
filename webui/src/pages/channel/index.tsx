import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { facetsQuery } from "@/api/catalog";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Card } from "@/parts/card";
import { ListPage } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { Row } from "@/parts/row";
import { legible } from "@/parts/words";

const t = texts("browse", english);

const renders = {
  grid: (item: Item) => <Card item={item} />,
  compact: (item: Item) => <Card item={item} dense />,
  list: (item: Item) => <Row item={item} />,
};

/** Everything in one channel. */
export function Channel() {
  const { chat } = useParams({ from: "/channels/$chat" });
  const number = Number(chat);
  const all = useQuery(facetsQuery({})).data;
  const { data: own, isError } = useQuery(facetsQuery({ chat: number })); // a channel may not be among the hundred of the first
  const found = [...(all?.chats ?? []), ...(own?.chats ?? [])].find(({ value }) => value === number);
  // a long name has several lines: nothing stands below it that they would move
  if (!found && !own && !isError) return <div aria-busy="true" className="min-h-dvh" />;
  const title = legible(found?.title ?? "") || (own ? chat : t.chat);
  return (
    <ListPage
      key={chat}
      title={title}
      fixed={{ chat: number }}
      groups={["kind", "year", "resolution", "language", "tag"]}
      renders={renders}
      empty={<Notice title={t.noFiles}>{t.howTheyCome}</Notice>}
    />
  );
}
