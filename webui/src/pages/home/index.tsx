import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { reach } from "@/api/address";
import { continueQuery, type Facets, facetsQuery, firstQuery } from "@/api/catalog";
import type { Item } from "@/api/client";
import { may, useMe } from "@/api/me";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { buttonLook } from "@/parts/button";
import { PageHead } from "@/parts/head";
import { Failure, Notice } from "@/parts/notice";
import { Shelf } from "@/parts/shelf";
import { Skeleton } from "@/parts/skeleton";
import { seriesOf } from "./groups";
import { Hero } from "./hero";
import { New } from "./new";
import { Cards, Ghosts } from "./row";
import { visited } from "./visits";

const STORED_LINK = 4; // what `reach` says of a link to a file, a collection or a search
const Shared = lazy(() => import("./shared").then((made) => ({ default: made.Shared })));
const Below = lazy(() => import("./below"));
const NextUp = lazy(() => import("./next-up"));
const t = texts("home", english);
const s = texts("shell", shellEnglish);

/** The first page: what one was watching, what is new, and the beginnings of all else. */
export function Home() {
  const guest = useMe()?.role !== "none"; // a link that has ended opens what everybody may see
  return guest && reach() === STORED_LINK ? (
    <Suspense>
      <Shared />
    </Suspense>
  ) : (
    <Library />
  );
}

function Library() {
  const [since] = useState(visited);
  const facets = useQuery(facetsQuery({}));
  const begun = useQuery(continueQuery());
  const watched = useQuery(continueQuery(40, true));
  const fresh = useQuery(firstQuery(since ? { since: since + 1 } : {}, since ? 60 : 20));
  const failure = failureOf(facets);
  if (failure) return <Failure level="h1" error={failure} again={() => facets.refetch()} />;
  const known = facets.data && !begun.isPending && !watched.isPending && !fresh.isPending;
  return (
    <>
      <div className="sr-only">
        <PageHead title={s.home} />
      </div>
      {!known || !facets.data ? (
        <Loading />
      ) : facets.data.total === 0 ? (
        <Empty />
      ) : (
        <Shown
          facets={facets.data}
          begun={begun.data ?? []}
          watched={watched.data ?? []}
          fresh={fresh.data ?? []}
          since={since}
        />
      )}
    </>
  );
}

function Shown({
  facets,
  begun,
  watched,
  fresh,
  since,
}: {
  facets: Facets;
  begun: readonly Item[];
  watched: readonly Item[];
  fresh: readonly Item[];
  since: number;
}) {
  const [first, ...rest] = begun;
  const series = seriesOf([...begun, ...watched]).slice(0, 8);
  return (
    <div className="pt-2 pb-8">
      {first && <Hero item={first} />}
      <Shelf title={t.continueMore} empty={!rest.length}>
        <Cards items={rest} />
      </Shelf>
      {series.length > 0 && (
        <Suspense
          fallback={
            <Shelf title={t.nextUp}>
              <Ghosts />
            </Shelf>
          }
        >
          <NextUp series={series} />
        </Suspense>
      )}
      <New items={fresh} since={since} facets={facets} first={!begun.length && !series.length} />
      <Suspense>
        <Below facets={facets} />
      </Suspense>
    </div>
  );
}

function Loading() {
  return (
    <div aria-busy="true" className="edge pt-2">
      <span className="sr-only">{s.loading}</span>
      <Skeleton className="h-60 rounded-lg" />
      <Skeleton className="mt-6 h-6 w-40 rounded-sm" />
      <Skeleton className="mt-4 h-44" />
    </div>
  );
}

/** A library without files: who can do something about it, and what. */
function Empty() {
  const me = useMe();
  const manages = may(me, "index");
  return (
    <Notice
      title={t.empty}
      actions={
        manages && (
          <Link to="/manage/$section" params={{ section: "channels" }} className={buttonLook("strong")}>
            {t.addChannel}
          </Link>
        )
      }
    >
      {manages ? t.emptyOwner : t.emptyOthers}
    </Notice>
  );
}
