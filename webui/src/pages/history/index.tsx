import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { continueQuery } from "@/api/catalog";
import type { Item } from "@/api/client";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { home as homeEnglish } from "@/i18n/en/home";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { Card } from "@/parts/card";
import { Cells, useGrid } from "@/parts/grid";
import { PageHead } from "@/parts/head";
import { Failure, Notice } from "@/parts/notice";
import { duration } from "@/parts/words";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);
const h = texts("home", homeEnglish);

/** What is left of a film, below its name. */
function left(item: Item): string | undefined {
  const whole = item.watched?.duration ?? item.duration;
  const rest = whole ? whole - (item.watched?.position ?? 0) : 0;
  return rest > 0 ? h.left(duration(rest)) : undefined;
}

const render = (item: Item) => <Card item={item} line={left(item)} />;

/** What was begun and not finished. */
export function History() {
  const found = useQuery(continueQuery(200));
  const { data, refetch } = found;
  const error = failureOf(found);
  const grid = useGrid(data?.length ?? 12, { kind: "grid" });
  return (
    <>
      <PageHead title={s.history} />
      {error ? (
        <Failure error={error} again={() => refetch()} />
      ) : data?.length === 0 ? (
        <Empty />
      ) : (
        <>
          <p className="edge text-muted">{t.historyWhat}</p>
          <div className="edge pt-3 pb-10">
            <Cells
              grid={grid}
              at={(index) => data?.[index]}
              render={render}
              label={s.history}
              kind="grid"
              known={!!data}
            />
          </div>
        </>
      )}
    </>
  );
}

function Empty() {
  return (
    <Notice
      title={t.noHistory}
      actions={
        <Link to="/films" className={buttonLook("strong")}>
          {t.toFilms}
        </Link>
      }
    >
      {t.noHistoryWhy}
    </Notice>
  );
}
