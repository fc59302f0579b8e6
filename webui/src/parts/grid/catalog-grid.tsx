import { type ReactNode, type RefObject, useEffect, useMemo, useRef } from "react";
import type { Filters } from "@/api/catalog";
import { queries } from "@/api/query";
import { type Listed, WINDOW, windowQuery } from "@/api/windows";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Button } from "../button";
import { Failure } from "../notice";
import { Scrubber } from "../scrubber";
import { Cells } from "./cells";
import type { Layout } from "./geometry";
import { type Steady, useSteady } from "./steady";
import { type Grid, useGrid } from "./use-grid";
import { useWindows } from "./windows";

const t = texts("browse", english);

/**
 * A list of files, of any length, that scrolls with the page. Only what is in sight is fetched and drawn; the height is
 * right as soon as the size of the list is known, and at once for a list that was seen before in this tab.
 */
export function CatalogGrid<T extends Listed>({
  empty = null,
  ...props
}: Props<T> & { /** In place of a list without items. */ empty?: ReactNode }) {
  const filters = useStable(props.filters);
  const top = useRef<Grid>(null);
  const steady = useSteady(filters, () => (top.current?.view.from ?? 0) === 0);
  const known = steady.count !== undefined;
  useEffect(() => {
    if (!known) void queries.prefetchQuery(windowQuery(filters, 0));
  }, [known, filters]);
  if (steady.error && !known) return <Failure error={steady.error} again={steady.again} />;
  if (steady.count === 0) return empty;
  return <List {...props} filters={filters} steady={steady} top={top} />;
}

type Props<T> = {
  filters: Filters;
  /** Draws an item; the same function each time (a function of a module, or of useCallback). */
  render: (item: T, index: number) => ReactNode;
  layout: Layout;
  /** What the list is, for screen readers. */
  label: string;
  scrubber?: boolean;
};

/** The list where it has a place: its width is measured from its first drawing on. */
function List<T extends Listed>({
  filters,
  render,
  layout,
  label,
  scrubber = true,
  steady,
  top,
}: Props<T> & { steady: Steady; top: RefObject<Grid | null> }) {
  const known = steady.count !== undefined;
  // a search may say first that it looked for another word: nothing stands there that this would move
  const grid = useGrid(steady.count ?? (filters.q ? 0 : WINDOW / 2), layout);
  top.current = grid;
  const windows = useWindows<T>(filters, grid.view);
  return (
    <div className="edge relative pt-3 pb-10">
      <Said steady={steady} grid={grid} failed={windows.failed} again={windows.again} />
      <Cells grid={grid} at={windows.at} render={render} label={label} kind={layout.kind} known={known} />
      {scrubber && <Scrub filters={filters} steady={steady} grid={grid} />}
    </div>
  );
}

/** The same object for the same filters. */
function useStable(filters: Filters): Filters {
  const text = JSON.stringify(filters);
  return useMemo<Filters>(() => JSON.parse(text), [text]);
}

const SCREENS = 3; // a shorter list needs no bar

function Scrub({ filters, steady, grid }: { filters: Filters; steady: Steady; grid: Grid }) {
  const { histogram, count = 0 } = steady;
  const wanted = useRef(0);
  if (!histogram || filters.sort === "size") return null;
  if (histogram.buckets.length < 2 || grid.geometry.rows < SCREENS * grid.page) return null;
  const go = (index: number, done: boolean) => {
    cancelAnimationFrame(wanted.current);
    wanted.current = requestAnimationFrame(() => grid.show(Math.min(index, count - 1), "start", !done));
  };
  return <Scrubber buckets={histogram.buckets} total={count} at={grid.view.from} onGo={go} />;
}

/** What has happened since the list was opened, where it does not show by itself. */
function Said({ steady, grid, failed, again }: { steady: Steady; grid: Grid; failed: boolean; again: () => void }) {
  const show = () => {
    steady.take();
    grid.show(0, "start");
  };
  return (
    <div role="status" className="sticky top-16 z-20 grid h-0 justify-items-center">
      {steady.fresh > 0 && (
        <Button look="strong" className="shadow-(--shadow)" onClick={show}>
          {plural(steady.fresh, { one: t.newFile, other: t.newFiles })}
        </Button>
      )}
      {failed && (
        <Button className="shadow-(--shadow)" onClick={again}>
          {t.partFailed}
        </Button>
      )}
    </div>
  );
}
