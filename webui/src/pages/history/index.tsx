import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { watchPages } from "@/api/lists";
import { texts } from "@/i18n";
import { browse as browseEnglish } from "@/i18n/en/browse";
import { history as english } from "@/i18n/en/history";
import { home as homeEnglish } from "@/i18n/en/home";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { PagedList } from "@/parts/paged-list";
import { TAB_LOOK, TABS } from "@/parts/tab-look";
import { day, duration } from "@/parts/words";

const t = texts("history", english);
const b = texts("browse", browseEnglish);
const s = texts("shell", shellEnglish);
const h = texts("home", homeEnglish);

/** What is left of a film, below its name. */
function left(item: Item): string | undefined {
  const whole = item.watched?.duration ?? item.duration;
  const rest = whole ? whole - (item.watched?.position ?? 0) : 0;
  return rest > 0 ? h.left(duration(rest)) : undefined;
}

const begun = (item: Item) => <Card item={item} line={left(item)} />;
const watched = (item: Item) => (
  <Card item={item} line={item.watched?.updated ? day(item.watched.updated) : undefined} />
);

/** What was begun and not finished, or what was watched to its end. */
export function History() {
  const finished = useSearch({ from: "/history" }).finished === true;
  const found = useInfiniteQuery(watchPages(finished));
  return (
    <>
      <PageHead title={s.history} />
      <nav aria-label={t.views} className={TABS}>
        <Part name={t.begun} finished={false} shown={!finished} />
        <Part name={t.finished} finished shown={finished} />
      </nav>
      <p className="edge text-muted">{finished ? t.finishedWhat : t.begunWhat}</p>
      <PagedList
        key={String(finished)}
        found={found}
        label={finished ? t.finished : s.history}
        render={finished ? watched : begun}
        empty={<Empty finished={finished} />}
      />
    </>
  );
}

function Part({ name, finished, shown }: { name: string; finished: boolean; shown: boolean }) {
  return (
    <Link
      to="/history"
      search={finished ? { finished: true } : {}}
      replace
      activeOptions={{ exact: true, includeSearch: true }}
      aria-current={shown ? "page" : undefined}
      className={TAB_LOOK}
    >
      {name}
    </Link>
  );
}

function Empty({ finished }: { finished: boolean }) {
  return (
    <Notice
      title={finished ? t.noneFinished : t.noneBegun}
      actions={
        <Link to="/films" className={buttonLook("strong")}>
          {b.toFilms}
        </Link>
      }
    >
      {finished ? t.noneFinishedWhy : t.noneBegunWhy}
    </Notice>
  );
}
