import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Card } from "@/parts/card";
import { ListPage } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { Row } from "@/parts/row";
import { heading } from "@/parts/words";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const renders = {
  grid: (item: Item) => <Card item={item} title={heading(item)} />,
  compact: (item: Item) => <Card item={item} title={heading(item)} dense />,
  list: (item: Item) => <Row item={item} title={heading(item)} />,
};

export function Files() {
  return (
    <ListPage
      title={s.files}
      groups={["kind", "chat", "year", "resolution", "language", "tag"]}
      renders={renders}
      empty={<Notice title={t.noFiles}>{t.howTheyCome}</Notice>}
    />
  );
}
