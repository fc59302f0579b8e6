import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { ask, client, type Item, type Schemas } from "@/api/client";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { Card } from "@/parts/card";
import { Cells, useGrid } from "@/parts/grid";
import { PageHead } from "@/parts/head";
import { Failure, Notice } from "@/parts/notice";

const t = texts("home", english);
const PAGE = 60;
const COMING = 12;
const render = (item: Item) => <Card item={item} />;

/** What a link to a collection or a search opens, in its own order; in place of the first page for who has the link. */
export function Shared() {
  const found = useInfiniteQuery({
    queryKey: ["catalog", "shared"],
    queryFn: ({ pageParam, signal }) =>
      ask<Schemas["Items"]>(
        client().GET("/api/catalog", { params: { query: { limit: PAGE, cursor: pageParam } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });
  const { data, refetch, hasNextPage, isFetching, fetchNextPage } = found;
  const failure = failureOf(found);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const count = items?.length ?? 0;
  const grid = useGrid(items ? count + (hasNextPage ? COMING : 0) : 2 * COMING, { kind: "grid" });
  const near = grid.view.end >= count;
  useEffect(() => {
    if (near && hasNextPage && !isFetching) void fetchNextPage();
  }, [near, hasNextPage, isFetching, fetchNextPage]);
  if (failure) return <Failure level="h1" error={failure} again={() => void refetch()} />;
  if (items && !count && !hasNextPage) return <Notice title={t.sharedNothing}>{t.sharedNothingWhy}</Notice>;
  return (
    <>
      <PageHead title={t.shared} />
      <div className="edge relative pt-3 pb-10">
        <Cells
          grid={grid}
          at={(index) => items?.[index]}
          render={render}
          label={t.shared}
          kind="grid"
          known={!!items && !hasNextPage}
        />
      </div>
    </>
  );
}
