import { Link } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { OwnList } from "@/parts/own-list";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const render = (item: Item) => <Card item={item} />;

export function Favourites() {
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
      <OwnList list="favourites" label={s.favourites} render={render} empty={empty} />
    </>
  );
}
