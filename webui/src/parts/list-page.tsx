import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Filters, filtersOf } from "@/api/catalog";
import type { Item } from "@/api/client";
import { histogramQuery, type Listed } from "@/api/windows";
import { type ListSearch, listSearch, type View } from "@/app/search";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Button } from "./button";
import { cleared, type Group, isNarrowed } from "./facet-groups";
import { FacetBar } from "./facets";
import { CatalogGrid, type Layout } from "./grid";
import { PageHead } from "./head";
import { Notice } from "./notice";
import { keepView, keptView } from "./view";

const t = texts("browse", english);

export type Render<T extends Listed = Item> = (item: T, index: number) => ReactNode;

/** The search in the address, and how to change a part of it; what it was is not a step back. */
export function useListSearch(): [ListSearch, (change: Partial<ListSearch>) => void] {
  const search = listSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const change = (part: Partial<ListSearch>) => {
    if (part.view) keepView(part.view);
    const moves = Object.keys(part).some((name) => name !== "view");
    navigate({ to: ".", search: (old: object) => ({ ...old, ...part }), replace: true, resetScroll: moves });
  };
  return [search, change];
}

/** A page of files: its heading with their number, what narrows them, and the list itself. */
export function ListPage<T extends Listed = Item>({
  title,
  fixed,
  groups,
  renders,
  layouts = {},
  sortable,
  empty,
  beside,
  children,
}: {
  title: string;
  /** What the page is of, whatever the address says. */
  fixed?: Filters;
  groups: readonly Group[];
  /** How an item is drawn in each view that the page has; functions of a module. */
  renders: Partial<Record<View, Render<T>>>;
  layouts?: Partial<Record<View, Layout>>;
  /** Whether it is offered in several orders. */
  sortable?: boolean;
  /** In place of a list that has nothing, though nothing narrows it. */
  empty: ReactNode;
  /** Beside the number of what it has. */
  beside?: ReactNode;
  /** Between the heading and the list. */
  children?: ReactNode;
}) {
  const [search, change] = useListSearch();
  const filters = filtersOf(search, fixed);
  const views = (["grid", "compact", "list"] as const).filter((one) => renders[one]);
  const view = views.find((one) => one === (search.view ?? keptView())) ?? views[0] ?? "grid";
  const render = renders[view];
  const narrowed = isNarrowed(search, groups);
  if (!render) return null;
  return (
    <>
      <PageHead title={title}>
        <div className="flex flex-wrap items-center gap-x-6 max-sm:basis-full">
          <Size filters={filters} />
          {beside}
        </div>
      </PageHead>
      {children}
      <FacetBar
        search={search}
        filters={filters}
        groups={groups}
        views={views}
        view={view}
        sortable={sortable}
        onChange={change}
      />
      <Corrected filters={filters} />
      <CatalogGrid
        key={view}
        filters={filters}
        render={render}
        layout={layouts[view] ?? { kind: view }}
        label={title}
        empty={narrowed ? <NothingFound search={search} clear={() => change(cleared(groups))} /> : empty}
      />
    </>
  );
}

function Size({ filters }: { filters: Filters }) {
  const total = useQuery(histogramQuery(filters)).data?.total;
  const forms = filters.of ? { one: t.oneFilm, other: t.manyFilms } : { one: t.file, other: t.filesCount };
  return (
    <p role="status" className="min-h-5 text-muted tabular-nums">
      {total === undefined ? "" : plural(total, forms)}
    </p>
  );
}

/** What was searched in place of a word that no file has. */
function Corrected({ filters }: { filters: Filters }) {
  const corrected = useQuery(histogramQuery(filters)).data?.corrected;
  if (!corrected || !filters.q) return null;
  return (
    <p role="status" dir="auto" className="edge pt-1 pb-2 text-base wrap-anywhere">
      {t.corrected(corrected, filters.q)}
    </p>
  );
}

function NothingFound({ search, clear }: { search: ListSearch; clear: () => void }) {
  return (
    <Notice
      title={t.nothingFound}
      actions={
        <Button look="strong" onClick={clear}>
          {t.clearAll}
        </Button>
      }
    >
      {search.q ? t.nothingFor(search.q) : t.nothingWith}
    </Notice>
  );
}
