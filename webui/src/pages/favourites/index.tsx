import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { ownPages } from "@/api/lists";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { PagedList } from "@/parts/paged-list";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const render = (item: Item) => <Card item={item} />;

export function Favourites() {
  const found = useInfiniteQuery(ownPages("favourites"));
  const empty = (
    <Notice
      title={t.noFavourites}
      actions={
        <Link to="/films" className={buttonLook("strong")}>
          {t.toFilms}
        </Link>
      }
    >
      {t.noFavouritesWhy}
    </Notice>
  );
  return (
    <>
      <PageHead title={s.favourites} />
      <PagedList found={found} label={s.favourites} render={render} empty={empty} />
    </>
  );
}
