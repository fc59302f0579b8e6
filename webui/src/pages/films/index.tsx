import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Card } from "@/parts/card";
import { ListPage } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { Row } from "@/parts/row";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const renders = {
  grid: (item: Item) => <Card item={item} to="work" />,
  compact: (item: Item) => <Card item={item} to="work" dense />,
  list: (item: Item) => <Row item={item} to="work" />,
};

export function Films() {
  return (
    <ListPage
      title={s.films}
      fixed={{ kind: "video" }}
      groups={["year", "resolution", "language", "chat", "tag"]}
      renders={renders}
      empty={<Notice title={t.noFilms}>{t.howTheyCome}</Notice>}
    />
  );
}
