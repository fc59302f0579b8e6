import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { failureOf } from "@/api/problem";
import { Cells, useGrid } from "./grid";
import { Failure } from "./notice";

/** A list of which further pages come when its end comes near. */
export function PagedList<T>({
  found,
  label,
  render,
  empty,
}: {
  found: UseInfiniteQueryResult<readonly T[]>;
  label: string;
  /** The same function from one drawing to the next. */
  render: (item: T) => ReactNode;
  empty: ReactNode;
}) {
  const { data: items, refetch, hasNextPage, isFetching, fetchNextPage } = found;
  const failure = failureOf(found);
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
