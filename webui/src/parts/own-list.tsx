import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo } from "react";
import { ownListQuery } from "@/api/catalog";
import type { Item } from "@/api/client";
import { failureOf } from "@/api/problem";
import { Cells, useGrid } from "./grid";
import { Failure } from "./notice";

/** The favourites, or what is hidden: further pages come when their end comes near. */
export function OwnList({
  list,
  label,
  render,
  empty,
}: {
  list: "favourites" | "hidden";
  label: string;
  /** The same function from one drawing to the next. */
  render: (item: Item) => ReactNode;
  empty: ReactNode;
}) {
  const found = useInfiniteQuery(ownListQuery(list));
  const { data, refetch, hasNextPage, isFetching, fetchNextPage } = found;
  const failure = failureOf(found);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const count = items?.length ?? 0;
  const more = hasNextPage ? 12 : 0; // places for what is to come
  const grid = useGrid(items ? count + more : 24, { kind: "grid" });
  const near = grid.view.end >= count;
  useEffect(() => {
    if (near && hasNextPage && !isFetching) void fetchNextPage();
  }, [near, hasNextPage, isFetching, fetchNextPage]);
  if (failure) return <Failure error={failure} again={() => refetch()} />;
  if (items && !count && !hasNextPage) return empty;
  return (
    <div className="edge relative pt-3 pb-10">
      <Cells
        grid={grid}
        at={(index) => items?.[index]}
        render={render}
        label={label}
        kind="grid"
        known={!!items && !hasNextPage}
      />
    </div>
  );
}
